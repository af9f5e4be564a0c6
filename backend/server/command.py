"""`style-avatar serve`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, NoReturn

from backend.server.exit_codes import NO_PACKAGE


def add_serve_command(commands: Any) -> None:
    """Add the command and its options."""
    serve = commands.add_parser("serve", help="let Blender's add-on and other programs use this over HTTP")
    serve.add_argument("--port", type=int, default=0, help="the port on 127.0.0.1 (default: a free one)")
    serve.add_argument("--data", type=Path, help="folder for the queue and the results (default: the user's own)")
    serve.add_argument(
        "--root",
        type=Path,
        action="append",
        default=[],
        help="a folder whose files requests may name by path; may be given several times (default: none)",
    )
    serve.add_argument("--runtime", type=Path, help="where to write port and token once connections are accepted")
    serve.add_argument("--with-parent", action="store_true", help="end when standard input does")
    serve.add_argument("--quiet", action="store_true", help="do not print where the runtime file is")
    serve.add_argument(
        "--json", action="store_true", help="print runtime file, port and version (not the token) as one line of JSON"
    )
    serve.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    serve.set_defaults(run=run_serve)


def run_serve(options: argparse.Namespace) -> NoReturn:
    """Serve until told to stop; leaves with the exit code that `backend.server.exit_codes` names."""
    try:
        from backend.server import launch
    except ModuleNotFoundError as error:
        print(f"style-avatar: {error}; install the environment again (make setup)", file=sys.stderr)
        sys.exit(NO_PACKAGE)
    sys.exit(
        launch.serve(
            launch.Settings(
                port=options.port,
                data=options.data,
                roots=options.root,
                runtime=options.runtime,
                with_parent=options.with_parent,
                told="json" if options.json else "nothing" if options.quiet else "path",
            )
        )
    )
