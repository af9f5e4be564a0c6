"""Mappings that an artist corrected, kept as JSON files in the add-on's folder (no bpy)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

from ..files.whole_file import whole_file
from .channels import CHANNELS
from .mapping import Row

FORMAT: Final = "style-avatar/mapping"
VERSION: Final = 1
LARGEST: Final = 4 << 20  # bytes
KINDS: Final = ("SHAPE", "BONE", "OBJECT")
_KEPT: Final = ("channel", "target", "kind", "gain", "offset", "on")
_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    **{"channel": str, "target": str, "kind": str, "gain": (int, float), "offset": (int, float), "on": bool},
}


class PresetError(ValueError):
    """A preset cannot be read or written; the message says why and what to do."""


def saved(folder: Path) -> list[str]:
    """The names of the presets in `folder`, in order of the alphabet."""
    return sorted((path.stem for path in folder.glob("*.json")), key=str.lower) if folder.is_dir() else []


def save(folder: Path, name: str, rows: Iterable[Row], *, replace: bool = False) -> Path:
    """Write a preset and return its file.

    Raises:
        PresetError: the name cannot be a file's, or is taken and `replace` was not asked for.
        OSError: the folder cannot be written.
    """
    path = _path(folder, name)
    if path.exists() and not replace:
        raise PresetError(f"There is a preset {path.stem} already; choose another name or delete that one.")
    document = {
        "format": FORMAT,
        "format_version": VERSION,
        "rows": [{key: value for key, value in asdict(row).items() if key in _KEPT} for row in rows],
    }
    with whole_file(path) as partial:
        partial.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def load(folder: Path, name: str) -> list[Row]:
    """The rows of a preset.

    Raises:
        PresetError: there is none of that name, or it is damaged.
    """
    path = _path(folder, name)
    try:
        with path.open("rb") as stream:
            document = json.loads(stream.read(LARGEST))
    except FileNotFoundError as error:
        raise PresetError(f"There is no preset {path.stem}; choose another.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise PresetError(f"The preset {path.stem} cannot be read; delete it. ({error})") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT or document.get("format_version") != VERSION:
        raise PresetError(f"{path.name} is not a mapping that this version reads; delete it or move it away.")
    rows = document.get("rows")
    if not isinstance(rows, list):
        raise PresetError(f"The preset {path.stem} has no rows; delete it.")
    return [_row(one, path.stem) for one in rows]


def rename(folder: Path, name: str, other: str) -> None:
    """Give a preset another name.

    Raises:
        PresetError: there is none of that name, or the other name is taken or cannot be a file's.
    """
    source, target = _path(folder, name), _path(folder, other)
    if not source.exists():
        raise PresetError(f"There is no preset {source.stem}; choose another.")
    if target.exists() and not target.samefile(source):
        raise PresetError(f"There is a preset {target.stem} already; choose another name or delete that one.")
    source.rename(target)


def delete(folder: Path, name: str) -> None:
    """Take a preset away.

    Raises:
        PresetError: there is none of that name.
    """
    path = _path(folder, name)
    if not path.exists():
        raise PresetError(f"There is no preset {path.stem}; choose another.")
    path.unlink()


def fitted(rows: Iterable[Row], targets: Mapping[str, Collection[str]]) -> tuple[list[Row], list[str]]:
    """The rows whose targets a character has, {kind: names}, and the targets it does not have."""
    rows = list(rows)
    return (
        [row for row in rows if row.target in targets[row.kind]],
        [row.target for row in rows if row.target not in targets[row.kind]],
    )


def _path(folder: Path, name: str) -> Path:
    name = name.strip()
    if not name or len(name) > 80 or name[0] == "." or re.search(r'[\\/:*?"<>|\x00-\x1f]', name):
        raise PresetError('Choose a name of up to 80 letters without \\ / : * ? " < > | and not beginning with a dot.')
    return folder / f"{name}.json"


def _row(one: Any, name: str) -> Row:
    problem = PresetError(f"The preset {name} is damaged: {str(one)[:80]!r} is not a row; delete it.")
    if not isinstance(one, dict) or set(one) != set(_KEPT):
        raise problem
    for key, kind in _TYPES.items():
        if not isinstance(one[key], kind) or (key in {"gain", "offset"} and isinstance(one[key], bool)):
            raise problem
    numbers = (one["gain"], one["offset"])
    if one["kind"] not in KINDS or one["channel"] not in CHANNELS or not all(map(math.isfinite, numbers)):
        raise problem
    return Row(**{field.name: one[field.name] for field in fields(Row) if field.name in _KEPT})
