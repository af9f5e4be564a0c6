"""Pack the add-on as a Blender extension, byte for byte the same from the same source.

python -m tools.build_addon [FOLDER]      writes FOLDER/style_avatar-X.Y.Z.zip (FOLDER: out)
"""

from __future__ import annotations

import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCE: Final = ROOT / "blender_addon"
KINDS: Final = {".py", ".toml"}
TIME: Final = (1980, 1, 1, 0, 0, 0)  # the earliest a zip file knows
READABLE: Final = 0o100644 << 16


def main() -> int:
    """Pack into the folder that the command line names."""
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "out"))
    return 0


def build(folder: Path) -> Path:
    """Write the zip file into `folder` and return its path.

    Raises:
        ValueError: the manifest's version is not the project's.
    """
    path = folder / f"style_avatar-{version()}.zip"
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in files():
            entry = zipfile.ZipInfo(file.relative_to(SOURCE).as_posix(), TIME)
            entry.external_attr, entry.compress_type = READABLE, zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    partial.replace(path)
    return path


def files() -> list[Path]:
    """What belongs into the extension, in order."""
    found = (one for one in SOURCE.rglob("*") if one.suffix in KINDS and "__pycache__" not in one.parts)
    return sorted([*found, SOURCE / "LICENSE"])


def version() -> str:
    """The version, the same in the manifest and in pyproject.toml."""
    manifest = tomllib.loads((SOURCE / "blender_manifest.toml").read_text(encoding="utf-8"))["version"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if manifest != project:
        raise ValueError(f"blender_manifest.toml says {manifest}, pyproject.toml says {project}; make them the same")
    return str(manifest)


if __name__ == "__main__":
    sys.exit(main())
