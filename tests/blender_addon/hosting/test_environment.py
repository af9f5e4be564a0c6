import os
import sys
from pathlib import Path

import pytest

from blender_addon.hosting import environment
from blender_addon.hosting.environment import EnvironmentProblem, check, find_python

ROOT = Path(__file__).parents[3]


def make(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def problem(given: str | Path) -> str:
    with pytest.raises(EnvironmentProblem) as caught:
        find_python(given)
    assert caught.value.message
    assert caught.value.advice
    return caught.value.code


@pytest.mark.parametrize("name", ["bin/python", "bin/python3", "Scripts/python.exe", "python.exe", ".venv/bin/python"])
def test_a_folder_may_be_laid_out_in_any_systems_way(tmp_path: Path, name: str) -> None:
    assert find_python(make(tmp_path / name).parents[len(Path(name).parts) - 1]) == tmp_path / name


def test_a_python_is_taken_as_it_is(tmp_path: Path) -> None:
    base, link = make(tmp_path / "base" / "python3.11"), tmp_path / "env" / "bin" / "python"
    link.parent.mkdir(parents=True)
    link.symlink_to(base)
    assert find_python(link) == link  # resolved, it would be the base without the environment's packages
    assert find_python(f'"{link}"') == link


def test_a_command_names_its_python(tmp_path: Path) -> None:
    python, command = make(tmp_path / "env/bin/python"), tmp_path / "env/bin/style-avatar"
    make(command, f"#!{python}\n")
    assert find_python(command) == python
    link = tmp_path / "local" / "style-avatar"
    link.parent.mkdir()
    link.symlink_to(command)
    assert find_python(link) == python
    copy = make(tmp_path / "copies" / "style-avatar", f"#!{python}\n")
    make(copy.with_name("python"))  # stands beside it, but is not the one it runs with
    assert find_python(copy) == python
    windows = make(tmp_path / "win/Scripts/style-avatar.exe", "MZ")
    make(tmp_path / "win/Scripts/python.exe")
    assert find_python(windows) == windows.with_name("python.exe")


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    assert problem("") == "no_environment"
    assert problem("  ") == "no_environment"
    assert problem(tmp_path / "gone") == "no_environment"
    assert problem(make(tmp_path / "notes.txt")) == "no_environment"
    (tmp_path / "empty").mkdir()
    assert problem(tmp_path / "empty") == "no_python"
    assert problem(make(tmp_path / "x" / "style-avatar", "#!/usr/bin/env python\n")) == "no_python"


def test_the_environment_of_these_tests_is_good() -> None:
    checked = check(sys.executable)
    assert checked.version == environment.addon_version()
    assert checked.python == Path(sys.executable)
    assert checked.python_version == sys.version.split()[0]


@pytest.mark.skipif(os.name != "posix", reason="the pretended Pythons are scripts")
@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("""echo '{"python": "3.11.1", "version": null, "backend": false}'""", "package_missing"),
        ("""echo '{"python": "3.11.1", "version": "0.1.0", "backend": false}'""", "package_missing"),
        ("""echo '{"python": "3.11.1", "version": "9.9", "backend": true}'""", "other_version"),
        ("echo hello", "python_broken"),
        ("echo 'Unknown option: -P' >&2; exit 2", "python_old"),
        ("exit 1", "python_broken"),
        ("sleep 20", "python_hangs"),
    ],
)
def test_a_python_is_asked_what_it_has(tmp_path: Path, script: str, code: str) -> None:
    make(tmp_path / "bin" / "python", f"#!/bin/sh\n{script}\n")
    with pytest.raises(EnvironmentProblem) as caught:
        check(tmp_path, timeout=1.0 if "sleep" in script else 20)
    assert caught.value.code == code


@pytest.mark.skipif(os.name != "posix", reason="the pretended Python is a script")
def test_a_file_that_cannot_be_run_is_explained(tmp_path: Path) -> None:
    make(tmp_path / "bin" / "python", "no program").chmod(0o644)
    with pytest.raises(EnvironmentProblem) as caught:
        check(tmp_path)
    assert caught.value.code == "python_broken"


def test_candidates_exist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "given"))
    make(tmp_path / "given/bin/python")
    make(tmp_path / "style-avatar/.venv/bin/python")
    found = environment.candidates()
    assert found[0] == tmp_path / "given"
    assert tmp_path / "style-avatar" in found
    assert tmp_path / "Documents" / "style-avatar" not in found


def test_the_version_is_the_manifests() -> None:
    assert f'version = "{environment.addon_version()}"' in (ROOT / "blender_addon/blender_manifest.toml").read_text()
