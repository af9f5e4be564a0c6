"""What `style-avatar models` says to people: which models are here, which are missing, and what to do about those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any, Final

WIDTH: Final = 100  # columns; addresses, hashes and commands stay whole, so that they can be copied


def print_models(result: Mapping[str, Any]) -> None:
    """Print the result of `models`: the folder, `model_store.listing` and `shipped_models.listing`."""
    print("\n".join(lines(result)))


def lines(result: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the report; the user's own, installed ones first, then what ships."""
    models: Mapping[str, Mapping[str, Any]] = result["models"]
    here = {kind: model for kind, model in models.items() if model["state"] == "installed"}
    absent = {kind: model for kind, model in models.items() if kind not in here}
    yield f"The original system's models: {len(here)} of {len(models)} installed in"
    yield result["folder"]
    for kind, model in here.items():
        yield ""
        yield from _wrapped(f"{kind}: installed - {model['purpose']}")
        yield from _installed(model)
    if absent:
        yield from ("", "Get these files from their owners, then run the command that adds them:")
    for kind, model in absent.items():
        yield ""
        yield from _wrapped(f"{kind}: {model['state'].upper()} - {model['purpose']}")
        yield from _absent(model)
    yield from ("", "Shipped with Style Avatar:")
    for name, model in result["shipped"].items():
        state = "" if model["state"] == "installed" else f"{model['state'].upper()}, install the package again - "
        yield from _wrapped(f"{name}: {state}{model['purpose']}; {model['licence']}", "  ")


def _installed(model: Mapping[str, Any]) -> Iterator[str]:
    yield f"  sha256 {model['sha256']}"
    yield from _wrapped(f"made from {', '.join(model['made_from'])}", "  ")
    for licence in dict.fromkeys(origin["licence"] for origin in model["files"]):
        yield from _wrapped(f"licence: {licence}", "  ")


def _absent(model: Mapping[str, Any]) -> Iterator[str]:
    for origin in model["files"]:
        yield from _wrapped(f"{', '.join(origin['files'])} ({origin['note']})", "  ")
        yield f"      {origin['address']}"
        yield from _wrapped(f"licence: {origin['licence']}", "      ")
    for number, command in enumerate(model["add"]):
        yield f"  {'or ' if number else 'add'} {command}"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
