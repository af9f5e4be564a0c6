"""`style-avatar style …`: list, show, mix and measure styles from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

AddOptions = Callable[[argparse.ArgumentParser], None]


def add_style_command(commands: Any, add_reporting_options: AddOptions, progress_of: Callable[..., Any]) -> None:
    """Add `style list`, `show`, `mix` and `measure` to the subparsers `commands`."""
    style = commands.add_parser("style", help="list, show, mix and measure speaking styles")
    add_reporting_options(style)
    style.set_defaults(run=run_list)
    actions = style.add_subparsers(metavar="action")

    listed = actions.add_parser("list", help="the styles that are built in")
    listed.set_defaults(run=run_list)

    show = actions.add_parser("show", help="a style's parameters and where they come from")
    show.add_argument("style", help="a preset, a file, or a mix such as calm:0.7+me.npz:0.3")
    show.set_defaults(run=run_show)

    mix = actions.add_parser("mix", help="a style between two")
    mix.add_argument("first", help="a preset, a file, or a mix")
    mix.add_argument("second", help="another one")
    mix.add_argument("share", type=float, help="of the second, 0 to 1")
    mix.add_argument("--name", default="", help="what to call it (default: after its parts)")
    mix.add_argument("-o", "--out", type=Path, help="the .npz or .json file to write; without it the mix is shown")
    mix.set_defaults(run=run_mix)

    measure = actions.add_parser("measure", help="the style of somebody talking in a video, a take or a CSV of weights")
    measure.add_argument("clip", type=Path, help="a video of 5 to 20 s of one face; a take.npz; a Live Link Face CSV")
    measure.add_argument("--name", default="", help="what to call it (default: after the file)")
    measure.add_argument("-o", "--out", required=True, type=Path, help="the .npz or .json file to write")
    measure.set_defaults(run=lambda options: run_measure(options, progress_of))

    for parser in (listed, show, mix, measure):
        add_reporting_options(parser)


def run_list(options: argparse.Namespace) -> dict[str, Any]:
    """`style-avatar style list`, also `style-avatar styles`."""
    from models.motion.style_choice import listing

    return {"styles": {style["name"]: style["description"] for style in listing()}}


def run_show(options: argparse.Namespace) -> dict[str, Any]:
    """`style-avatar style show`: all with --json, what people read without."""
    from models.motion.style_choice import chosen_style
    from models.motion.style_file import to_json

    document = to_json(chosen_style(options.style))
    return document if options.json else readable(document)


def run_mix(options: argparse.Namespace) -> dict[str, Any]:
    """`style-avatar style mix`."""
    from models.motion.style_choice import chosen_style, mix
    from models.motion.style_document import StyleFileError
    from models.motion.style_file import save, to_json

    if not 0 <= options.share <= 1:
        raise StyleFileError(f"expected the second style's share between 0 and 1, got {options.share:g}")
    parts = [chosen_style(options.first), chosen_style(options.second)]
    mixed = mix(parts, [1 - options.share, options.share], options.name)
    if options.out is None:
        return to_json(mixed) if options.json else readable(to_json(mixed))
    save(mixed, options.out)
    return {"style": str(options.out), "name": mixed.name, "description": mixed.style.description}


def run_measure(options: argparse.Namespace, progress_of: Callable[..., Any]) -> dict[str, Any]:
    """`style-avatar style measure`."""
    from backend.style.measure import measure_style
    from models.motion.style_file import check_ending, save, to_json

    check_ending(options.out)  # before the work, not after
    with progress_of(options) as progress:
        document = measure_style(options.clip, name=options.name, progress=progress)
    save(document, options.out)
    shown = to_json(document)
    return {"style": str(options.out), **(shown if options.json else readable(shown))}


def readable(document: dict[str, Any]) -> dict[str, Any]:
    """The entries of a style document that people read, numbers rounded, each measured one with how sure it is."""
    sure, parameters = document["confidence"], dict(document["parameters"])
    mood, posture = parameters.pop("mood"), parameters.pop("posture")
    lines: dict[str, Any] = {}
    for name, value in parameters.items():
        lines[name] = f"{value:.2f}" + (f"  (measured, {sure[name]:.0%} sure)" if name in sure else "")
    lines["posture"] = " ".join(f"{angle:.1f}°" for angle in posture)
    lines["mood"] = ", ".join(f"{unit} {weight:.2f}" for unit, weight in mood.items()) or "none"
    unusual = _unusual(document["measure"])
    facts = {key: value for key, value in document["source"].items() if isinstance(value, (str, int, float))}
    return {
        "name": document["name"],
        "description": document["description"] or "–",
        "parameters": lines,
        **({"unlike the average speaker": unusual} if unusual else {}),
        "source": facts or "–",
    }


def _unusual(measure: dict[str, Any] | None) -> dict[str, str]:
    """What a measured code says, in deviations from the average speaker; nothing where none was measured."""
    from models.face import open_head
    from models.motion.style_statistics import FACE_MODEL, most_unusual

    if measure is None or measure["face_model"] != FACE_MODEL:
        return {}
    found = most_unusual(measure["code"], open_head.load().expression_names)
    return {block: ", ".join(f"{name} {value:+.1f}" for name, value in rows) for block, rows in found.items()}


def parse_sliders(given: Sequence[str]) -> dict[str, float]:
    """The factors of "lips=0.5" and the like.

    Raises:
        ValueError: not of that form, an unknown name, a name given twice, or a factor outside of 0..2.
    """
    from models.motion.styles import checked_sliders

    factors: dict[str, float] = {}
    for text in given:
        name, equals, factor = text.partition("=")
        try:
            value = float(factor)
        except ValueError:
            equals = ""
        if not equals or name in factors:
            raise ValueError(f"--slider takes each name once with a factor, as in lips=0.5, got {text!r}")
        factors[name] = value
    checked_sliders(factors)
    return factors
