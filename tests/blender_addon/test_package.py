"""The zip file that artists install."""

import zipfile
from pathlib import Path

import pytest

from tools import build_addon


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = build_addon.build(tmp_path / "a"), build_addon.build(tmp_path / "b")
    assert first.name == f"style_avatar-{build_addon.version()}.zip"
    assert first.read_bytes() == second.read_bytes()
    assert [one.name for one in (tmp_path / "a").iterdir()] == [first.name]


def test_the_manifest_is_at_the_root(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_addon.build(tmp_path)) as archive:
        names = archive.namelist()
    assert {"blender_manifest.toml", "__init__.py", "LICENSE", "operators/animate.py", "panels/main.py"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".so", ".whl"))]


def test_versions_must_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "addon").mkdir()
    (tmp_path / "addon" / "blender_manifest.toml").write_text('version = "9.9.9"')
    monkeypatch.setattr(build_addon, "SOURCE", tmp_path / "addon")
    with pytest.raises(ValueError, match=r"9\.9\.9"):
        build_addon.version()
