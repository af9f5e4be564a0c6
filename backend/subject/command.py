"""`style-avatar subject learn`: the person of a clip becomes a folder."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

AddOptions = Callable[[argparse.ArgumentParser], None]


def add_subject_command(commands: Any, add_reporting_options: AddOptions, progress_of: Callable[..., Any]) -> None:
    """Add `subject learn` to the subparsers `commands`."""
    subject = commands.add_parser("subject", help="learn how somebody's skin changes as they speak, from a clip")
    add_reporting_options(subject)
    actions = subject.add_subparsers(required=True, metavar="action")
    learn = actions.add_parser("learn", help="from 2 to 20 s of one face to a folder for render and for Blender")
    learn.add_argument("clip", type=Path, help="a video of one person, from the front, lit evenly; more is better")
    learn.add_argument("--out", required=True, type=Path, help="the folder to make")
    learn.add_argument(
        "--tune",
        action="store_true",
        help="have the neural renderer learn the person too, for render --renderer neural",
    )
    add_reporting_options(learn)
    learn.set_defaults(run=lambda options: run_learn(options, progress_of))


def run_learn(options: argparse.Namespace, progress_of: Callable[..., Any]) -> dict[str, Any]:
    """`style-avatar subject learn`: all with --json, what people read without."""
    from backend.subject.pipeline import SubjectRequest, learn_subject

    with progress_of(options) as progress:
        facts = learn_subject(SubjectRequest(options.clip, options.out, options.tune), progress)
    return facts if options.json else shown(facts)


def shown(facts: dict[str, Any]) -> dict[str, Any]:
    """The lines that people read; the folder's report says more."""
    second = {
        region: f"{kinds['still']['psnr']:.1f} dB still, {kinds['dynamic']['psnr']:.1f} dB moving"
        for region, kinds in facts["second_half"].items()
    }
    return {
        "subject": facts["subject"],
        "learned from": f"{facts['learned_from']} pictures in {facts['seconds']:g} s",
        "components": len(facts["components"]),
        "learned on the first half, drawn on the second": second,
        **_tuning(facts.get("tuning")),
        **{f"note {n}": note for n, note in enumerate(facts["notes"], start=1)},
    }


def _tuning(facts: dict[str, Any] | None) -> dict[str, Any]:
    """How near the neural renderer comes to the second half, where it was tuned."""
    if facts is None:
        return {}
    regions = facts["first_half"]["second_half"]
    return {
        "neural renderer, tuned on the first half": {
            region: ", ".join(f"{score['psnr']:.1f} dB {kind}" for kind, score in kinds.items())
            for region, kinds in regions.items()
        }
    }
