"""What was learned of a subject, and how well, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def readable(facts: Mapping[str, Any]) -> str:
    """The facts of a subject as a page of Markdown."""
    lines = [
        f"# {facts['clip']['name']}",
        "",
        f"{facts['pictures']} pictures in {facts['seconds']:g} s, the face {facts['face_pixels']} pixels high; "
        f"learned from {facts['learned_from']} of them, {facts['texels']} texels a side. Exposure varied from "
        f"{facts['exposure_range'][0]:g} to {facts['exposure_range'][1]:g}.",
        "",
        "## Learned on the first half, drawn on the second",
        "",
        "| region | still texture | moving texture | difference |",
        "|---|---|---|---|",
    ]
    for region, kinds in facts["second_half"].items():
        still, moving = kinds["still"], kinds["dynamic"]
        lines.append(
            f"| {region} | {still['psnr']:.1f} dB, {still['ssim']:.3f} | {moving['psnr']:.1f} dB, {moving['ssim']:.3f} "
            f"| {moving['psnr'] - still['psnr']:+.1f} dB |"
        )
    lines += [
        "",
        "PSNR and SSIM. The still texture is the mean of the same pictures. Pose, expression and exposure of the "
        "second half are fitted to its pictures, against the still texture. The skin that changes is where the texture "
        "that was learned on the first half varies by more than 4 of 255. The face is the skin that the pictures show; "
        "the head has the model's own eyes, teeth and neck as well.",
        "",
        *_tuning(facts),
        "## What moves the texture",
        "",
    ]
    lines += [f"- {name}" for name in facts["components"]] or ["Nothing that the clip shows clearly."]
    lines += ["", "| part | components | ridge | explained in pictures left out |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {part['components']} | {part['ridge']:g} | {100 * part['explained']:.0f} % |"
        for name, part in facts["parts"].items()
    ]
    if facts["notes"]:
        lines += ["", "## Notes", ""] + [f"- {note}" for note in facts["notes"]]
    return "\n".join(lines) + "\n"


def _tuning(facts: Mapping[str, Any]) -> list[str]:
    """The neural renderer's table, where it was tuned."""
    tuning = facts.get("tuning")
    if tuning is None:
        return []
    half = tuning["first_half"]
    lines = [
        "## The neural renderer, tuned on the first half, on the second",
        "",
        "| region | still texture | moving texture | moving, tuned | tuning |",
        "|---|---|---|---|---|",
    ]
    for region, kinds in half["second_half"].items():
        cells = [f"{kinds[kind]['psnr']:.1f} dB, {kinds[kind]['ssim']:.3f}" for kind in ("still", "moving", "tuned")]
        gain = kinds["tuned"]["psnr"] - kinds["moving"]["psnr"]
        lines.append(f"| {region} | {' | '.join(cells)} | {gain:+.1f} dB |")
    kept = "The tuned renderer is kept." if tuning["kept"] else "The renderer is kept as it was."
    return [
        *lines,
        "",
        "As `render --subject` draws the face in the clip's light, by how well each pixel is seen. "
        f"{half['steps']} steps were best for blocks of the first half that were left out "
        f"({half['left_out']:+.1f} dB there). {kept}",
        "",
    ]
