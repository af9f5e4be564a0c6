"""Find the Python environment that the backend is installed in, and say what is wrong with one (no bpy)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..trouble import ClientError

ADDON: Final = Path(__file__).resolve().parents[1]
VARIABLE: Final = "STYLE_AVATAR_ENVIRONMENT"
COMMAND: Final = "style-avatar"
PLACES: Final = (".venv", "venv", "env")  # where a project keeps its environment
CHOOSE: Final = "Choose the folder of the environment that Style Avatar is installed in."
QUESTION: Final = """
import importlib.util, json, sys
from importlib.metadata import PackageNotFoundError, version
try:
    found = version("style-avatar")
except PackageNotFoundError:
    found = None
backend = importlib.util.find_spec("backend") is not None
print(json.dumps({"python": sys.version.split()[0], "version": found, "backend": backend}))
"""


class EnvironmentProblem(ClientError):
    """A place is not an environment that the backend can be started from."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An environment that can be used: its Python, that Python's version, and the version of Style Avatar in it."""

    python: Path
    python_version: str
    version: str


def addon_version() -> str:
    """This add-on's version, from its manifest."""
    manifest = (ADDON / "blender_manifest.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(manifest)["version"])


def candidates() -> tuple[Path, ...]:
    """Existing places worth proposing, the best first; looks at the disk only, starts nothing."""
    found: dict[Path, None] = {}
    for place in _guesses():
        try:
            find_python(place)
        except EnvironmentProblem:
            continue
        found[place] = None
    return tuple(found)


def _guesses() -> Iterator[Path]:
    if given := os.environ.get(VARIABLE):
        yield Path(given)
    if command := shutil.which(COMMAND):
        yield Path(command)
    checkout, home = ADDON.parent, Path.home()
    if (checkout / "pyproject.toml").is_file():  # the add-on runs from the project's own folder
        yield checkout / ".venv"
    for base in (home, home / "Documents"):
        yield base / "style-avatar"
    if conda := os.environ.get("CONDA_PREFIX"):
        yield Path(conda) / "envs" / "style-avatar"


def find_python(given: str | Path) -> Path:
    """The Python of the environment that `given` names: its folder, its Python, or its style-avatar command.

    A folder that holds an environment as `.venv`, `venv` or `env` will do as well.

    Raises:
        EnvironmentProblem: there is no such place, or no Python in it.
    """
    text = str(given).strip().strip('"')  # "copy as path" of Windows puts quotes around it
    if not text:
        raise EnvironmentProblem("no_environment", "No environment is chosen.", CHOOSE)
    place = Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100 - a venv's python is a link: do not resolve it
    if place.is_dir():
        return _python_in(place)
    if not place.is_file():
        raise EnvironmentProblem("no_environment", f"There is nothing at {place}.", CHOOSE)
    if place.stem.lower().startswith("python"):
        return place
    if place.stem.lower() == COMMAND:
        return _python_of_command(place)
    raise EnvironmentProblem("no_environment", f"{place.name} is neither a folder, a Python nor {COMMAND}.", CHOOSE)


def check(given: str | Path, expected: str | None = None, timeout: float = 60.0) -> Checked:
    """Ask the Python of `given` what is installed; blocks while that Python runs, for seconds on a cold disk.

    expected: the version of Style Avatar that is needed (None: the add-on's).

    Raises:
        EnvironmentProblem: no environment, a Python that does not run, Style Avatar missing, or another version.
    """
    python, expected = find_python(given), expected or addon_version()
    answer = _ask(python, timeout)
    if not answer.get("version") or not answer.get("backend"):
        raise EnvironmentProblem(
            "package_missing",
            f"Style Avatar is not installed in {python.parent.parent}.",
            "Install it there (pip install style-avatar), or choose another environment.",
            json.dumps(answer),
        )
    checked = Checked(python, str(answer.get("python")), str(answer["version"]))
    if checked.version != expected:
        raise EnvironmentProblem(
            "other_version",
            f"The environment holds Style Avatar {checked.version}, this add-on is {expected}.",
            f"Install {expected} in the environment, or the add-on of {checked.version}.",
        )
    return checked


def child_environment() -> dict[str, str]:
    """Environment variables for a Python of its own: what Blender's user set for Blender's Python does not reach it."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}
    return kept | {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}


def no_window() -> dict[str, Any]:
    """Arguments of `subprocess` that keep a console window from popping up on Windows."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW}
    return {}


def _python_in(folder: Path) -> Path:
    for place in (folder, *(folder / name for name in PLACES)):
        for name in ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe", "python", "python3"):
            if (place / name).is_file():
                return place / name
    raise EnvironmentProblem("no_python", f"There is no Python in {folder}.", CHOOSE)


def _python_of_command(command: Path) -> Path:
    """The Python beside the command (also where a link leads), or the one its first line names."""
    for place in (command, command.resolve()):
        for name in ("python", "python.exe", "python3"):
            if (place.parent / name).is_file() and _belongs(place, place.parent / name):
                return place.parent / name
    if (named := _shebang(command)) and named.is_file():
        return named
    raise EnvironmentProblem("no_python", f"It is not clear which Python {command} uses.", CHOOSE)


def _belongs(command: Path, python: Path) -> bool:
    """Whether `python` is the command's own; in /usr/bin both may stand side by side without that."""
    named = _shebang(command)
    return named is None or named.parent == python.parent or not named.is_file()


def _shebang(command: Path) -> Path | None:
    try:
        with command.open("rb") as stream:
            line = stream.readline(1024)
    except OSError:
        return None
    if not line.startswith(b"#!/") or b"/env " in line:
        return None
    return Path(line[2:].strip().decode("utf-8", errors="surrogateescape"))


def _ask(python: Path, timeout: float) -> dict[str, Any]:
    """What `python` says about itself."""
    try:
        asked = subprocess.run(
            [str(python), "-P", "-c", QUESTION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            env=child_environment(),
            **no_window(),
        )
    except subprocess.TimeoutExpired as error:
        raise EnvironmentProblem(
            "python_hangs",
            f"{python} did not answer within {timeout:.0f} seconds.",
            "Try again, or choose another one.",
        ) from error
    except OSError as error:
        message = f"{python} cannot be started: {error.strerror or error}."
        raise EnvironmentProblem("python_broken", message, CHOOSE, str(error)) from error
    try:
        answer = json.loads(asked.stdout.decode("utf-8", errors="replace").strip().splitlines()[-1])
    except (ValueError, IndexError):
        answer = None
    if asked.returncode or not isinstance(answer, dict):
        said = asked.stderr.decode("utf-8", errors="replace")[-1000:]
        if "-P" in said and "nknown option" in said:  # before 3.11
            raise EnvironmentProblem("python_old", f"{python} is older than Python 3.11.", CHOOSE, said)
        raise EnvironmentProblem("python_broken", f"{python} is not a working Python.", CHOOSE, said)
    return answer
