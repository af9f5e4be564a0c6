"""docs/api.md lists every error that the API can send: its code, HTTP status, reason and parameters."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import backend
from backend.alignment.forced import AlignmentError
from backend.fitting.fit import FitError, NoFaceError
from backend.media import AudioError, VideoError
from backend.photo import PhotoError
from backend.server.errors import STATUS, problem_of
from backend.told import ToldError
from tests.backend.server.conftest import InProcess

CODE = Path(backend.__path__[0])
DOCS = CODE.parent / "docs" / "api.md"
TOLD = (AudioError, VideoError, PhotoError, FitError, NoFaceError, AlignmentError)
Errors = dict[tuple[str, str], set[str]]


def _rows() -> list[list[str]]:
    """The table's cells."""
    lines = DOCS.read_text(encoding="utf-8").split("| code | HTTP | reason | parameters | |\n")[1].splitlines()[1:]
    table = lines[: next(i for i, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in table]


def _calls() -> Iterator[tuple[str, ast.Call, dict[str, ast.expr]]]:
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id, node, {word.arg: word.value for word in node.keywords if word.arg is not None}


def _text(node: ast.expr | None) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _sent() -> Errors:
    """Reasons and parameters by code, as the source raises them."""
    codes = {kind.__name__: problem_of(kind("a; b")).code for kind in TOLD}
    found = defaultdict[tuple[str, str], set[str]](set)
    for name, call, words in _calls():
        if name in codes:
            found[codes[name], _text(call.args[1] if len(call.args) > 1 else None)] |= set(words)
        elif name == "_bad":
            found["bad_request", _text(call.args[2])] |= set(words)
        elif name == "ApiError" and (code := _text(call.args[0])):
            found[code, _text(words.get("reason"))] |= set(words) - {"reason", "details"}
        elif name == "Problem" and (code := _text(words.get("code"))):
            facts = words.get("parameters")
            keys = facts.keys if isinstance(facts, ast.Dict) else []
            found[code, _text(words.get("reason"))] |= {_text(key) for key in keys}
    return dict(found)


def test_no_exception_with_reasons_is_forgotten_here() -> None:
    nodes = [node for path in CODE.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    bases = {ToldError.__name__, *(kind.__name__ for kind in TOLD)}
    found = {
        node.name
        for node in nodes
        if isinstance(node, ast.ClassDef) and bases & {base.id for base in node.bases if isinstance(base, ast.Name)}
    }
    assert found == bases - {ToldError.__name__}


def test_every_code_is_listed_with_its_status() -> None:
    assert {row[0]: int(row[1]) for row in _rows()} == dict(STATUS)


def test_every_reason_is_listed_with_its_parameters() -> None:
    listed = {(row[0], row[2]): set(filter(None, row[3].split(", "))) for row in _rows()}
    sent = {(code, reason): facts for (code, reason), facts in _sent().items() if code in STATUS and (reason or facts)}
    sent["internal", "package_missing"] = {"package"}  # in problem_of, whose code is not written there
    assert len(sent) > 40
    assert {key: facts for key, facts in listed.items() if key[1] or facts} == sent
    reasons = [reason for _, reason in sent if reason]
    assert len(reasons) == len(set(reasons))  # a translator may look a reason up without its code


def test_a_reason_and_its_parameters_arrive(api: InProcess) -> None:
    answer = api.post({"kind": "animate", "audio": {"upload": "voice"}, "lips": 1}, voice=b"sound")
    error: dict[str, Any] = answer.json()["error"]
    assert (error["code"], error["reason"], error["parameters"]) == (
        "unknown_field",
        "field_unknown",
        {"field": "lips"},
    )
    told = problem_of(AudioError("a.wav is empty; give another", "audio_empty", file="a.wav"))
    assert (told.code, told.reason, told.parameters) == ("bad_audio", "audio_empty", {"file": "a.wav"})
    plain = problem_of(ValueError("something"))
    assert (plain.code, plain.reason, plain.parameters) == ("internal", "", {})


@pytest.mark.parametrize("cells", _rows(), ids=lambda cells: f"{cells[0]} {cells[2]}")
def test_rows_are_complete(cells: list[str]) -> None:
    assert len(cells) == 5 and cells[4]
