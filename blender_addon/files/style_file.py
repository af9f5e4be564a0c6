"""Read a style file as the document that the backend takes; the backend checks what is in it (no bpy)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from ..trouble import ClientError
from . import npz_file

LARGEST: Final = 1_000_000  # bytes; a style takes a few thousand
ROWS: Final = ("code", "mean_expression")  # what a .npz keeps as arrays


def read_style(path: Path) -> dict[str, Any]:
    """The style document in the `.json` or `.npz` file at `path`.

    Raises:
        ClientError: it is not there, or no style file.
    """
    if not path.is_file():
        raise ClientError("cannot_read", f"There is no style file {path.name}.", "Choose the file again.")
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("too large for a style")
        document = _from_archive(path) if path.suffix.lower() == ".npz" else json.loads(path.read_bytes())
        if not isinstance(document, dict):
            raise ValueError("expected an object")
    except (OSError, KeyError, ValueError, TypeError, RecursionError) as error:
        message = f"{path.name} is not a style file."
        raise ClientError("bad_style", message, "Choose a .json or .npz style file.", repr(error)) from error
    return document


def _from_archive(path: Path) -> Any:
    arrays = npz_file.read(path, LARGEST)
    document = json.loads(str(arrays["meta"]))
    for name in ROWS:
        if name in arrays:
            document["measure"][name] = arrays[name].tolist()
    return document
