"""Find out which channel moves which shape or bone of a character (no bpy).

Every target gets at most one channel. In one mesh a channel moves at most one shape (two would add up), but shapes of
other meshes with it: face, teeth, tongue and lashes move together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from . import face_bones
from .channels import FACE_BONE, HEAD_PLACE, LOOKS, PAIRS, is_speech, viseme_of
from .names import Reading, readings, words
from .tables import ALIASES, BONES, EXACT, NEEDS_PREFIX, VISEME_PREFIXES, VISEMES
from .units import ARKIT

SURE: Final = 1.0
PREFIXED: Final = 0.9
OTHER_SIDE: Final = 0.75  # a side the channel does not have: browInnerUp_L
ALIAS: Final = 0.7
MANY_WORDS: Final = 0.05  # less for every further word in front

_COUNTED: Final = re.compile(r"[._ -]?(div|DIV)?\d+$")  # BrowDownLeft_div2
BONE_ENDINGS: Final = frozenset({"end", "nub", "tip", "target", "ik", "aim"})
BONE_CRUTCHES: Final = frozenset({"org", "def", "mch", "vis", "wgt"})  # Rigify's layers beneath the controls


@dataclass(frozen=True)
class Row:
    """One line of the mapping: `channel` moves `target` by gain · value + offset.

    kind: "SHAPE" or "BONE"; on: whether it is used; confidence: 0..1; reason: why it is off, "" when it is not.
    """

    channel: str
    target: str
    kind: str = "SHAPE"
    gain: float = 1.0
    offset: float = 0.0
    on: bool = True
    confidence: float = SURE
    reason: str = ""


def unit_channel(name: str) -> tuple[str, float] | None:
    """The unit, pair or look that a shape called `name` is, with a confidence."""
    for reading in (*readings(name), *readings(_COUNTED.sub("", name))):
        less = MANY_WORDS * max(0, len(reading.prefix) - 1)
        key = (reading.base, reading.side)
        if key in EXACT:
            return EXACT[key], (PREFIXED - less if reading.prefix else SURE)
        if key in ALIASES:
            return ALIASES[key], ALIAS - less
        if reading.side and (channel := _without_side(reading)) is not None:
            return channel, OTHER_SIDE - less
    return None


def _without_side(reading: Reading) -> str | None:
    channel = EXACT.get((reading.base, "")) or ALIASES.get((reading.base, ""))
    return channel if channel is not None and channel not in PAIRS and channel not in LOOKS else None


def viseme_name(name: str, kind: str) -> str | None:
    """The viseme of the set `kind` that a shape called `name` is."""
    spelt = words(name)
    for begin in range(len(spelt)):
        prefix, base = spelt[:begin], "".join(spelt[begin:])
        if base not in VISEMES[kind]:
            continue
        known = not prefix or prefix[-1] in VISEME_PREFIXES[kind]
        wanted = kind in NEEDS_PREFIX or base.isdigit()
        if known and (prefix or not wanted):
            return VISEMES[kind][base]
    return None


def viseme_set(names: Iterable[str]) -> str | None:
    """The set of visemes that these shapes are: the one of which most are there, at least a third; None for none."""
    names = list(names)
    found = {kind: {viseme_name(name, kind) for name in names} - {None} for kind in VISEMES}
    share = {kind: len(there) / len(set(VISEMES[kind].values())) for kind, there in found.items()}
    likely = [kind for kind in VISEMES if share[kind] >= 1 / 3]
    return max(likely, key=lambda kind: (len(found[kind]), share[kind]), default=None)


def map_shapes(meshes: Mapping[str, Sequence[str]]) -> list[Row]:
    """Rows for the shapes of meshes, {name of the mesh: names of its shapes}, in the order of the channels found.

    Units are taken before visemes where there are enough of them to speak; what is left out keeps its row, switched
    off, with the reason.
    """
    names = list(dict.fromkeys(name for shapes in meshes.values() for name in shapes))
    kind = viseme_set(names)
    rows: dict[str, Row] = {}
    for name in names:
        viseme = viseme_name(name, kind) if kind is not None else None
        unit = unit_channel(name)
        if viseme is not None and (unit is None or unit[1] < SURE):
            rows[name] = Row(f"{kind} {viseme}", name, confidence=SURE if words(name) else PREFIXED)
        elif unit is not None:
            rows[name] = Row(unit[0], name, confidence=unit[1])
    by_units = speaks_by_units([row.channel for row in rows.values()])
    chosen = [_one_way_of_speaking(row, by_units, kind) for row in rows.values()]
    return _without_rivals(_pairs_yield(_without_silence(chosen)), meshes)


def speaks_by_units(channels: Iterable[str]) -> bool:
    """Whether the units among the channels are enough to speak with, so that visemes are not needed."""
    speech = {name for name in ARKIT if is_speech(name) and name != "tongueOut"}
    channels = set(channels)
    there = {name for name in speech if name in channels or name.removesuffix("Left").removesuffix("Right") in channels}
    return len(there) >= len(speech) / 2 or not any(viseme_of(channel) for channel in channels)


def _one_way_of_speaking(row: Row, by_units: bool, kind: str | None) -> Row:
    if by_units and viseme_of(row.channel) is not None:
        return replace(row, on=False, reason="The face units speak already.")
    if not by_units and kind is not None and is_speech(row.channel):
        return replace(row, on=False, reason="The visemes speak already.")
    return row


def _without_silence(rows: Iterable[Row]) -> list[Row]:
    """A resting mouth is nothing to key."""
    return [row for row in rows if row.channel not in {"oculus sil", "microsoft 0"}]


def _pairs_yield(rows: list[Row]) -> list[Row]:
    """A shape for both sides is off when there are shapes for each side."""
    channels = {row.channel for row in rows if row.on}
    return [
        replace(row, on=False, reason="Left and right are driven one by one.")
        if row.on and row.channel in PAIRS and f"{row.channel}Left" in channels
        else replace(row, on=False, reason="Each eye is driven for itself.")
        if row.on and row.channel in LOOKS and "eyeLookUpLeft" in channels
        else row
        for row in rows
    ]


def _without_rivals(rows: list[Row], meshes: Mapping[str, Sequence[str]]) -> list[Row]:
    """Of two shapes of one mesh with the same channel, only the surer one is on; sides of one thing are no rivals."""
    kept: list[Row] = []
    for row in sorted(rows, key=lambda row: -row.confidence):
        at = {mesh for mesh, shapes in meshes.items() if row.target in shapes}
        rivals = [
            other
            for other in kept
            if other.on and other.channel == row.channel and at & {m for m, s in meshes.items() if other.target in s}
        ]
        if row.on and rivals and not all(_other_side(row.target, other.target) for other in rivals):
            row = replace(row, on=False, reason="Another shape of this mesh does the same.")
        kept.append(row)
    order = {row.target: place for place, row in enumerate(rows)}
    return sorted(kept, key=lambda row: order[row.target])


def _other_side(one: str, other: str) -> bool:
    """Whether two names differ in their side or in upper and lower part alone: Mouth_Funnel_Up_L, …_Down_R."""
    aside = {"l", "r", "left", "right", "up", "down"}
    a, b = words(one), words(other)
    return [word for word in a if word not in aside] == [word for word in b if word not in aside] and a != b


def map_bones(bones: Sequence[str], shapes: Iterable[Row] = ()) -> list[Row]:
    """Rows for the bones of an armature. What the shapes do already is off: the jaw and the eyes."""
    driven = {row.channel for row in shapes if row.on}
    speaks = any(is_speech(channel) or viseme_of(channel) for channel in driven)
    looks = any(channel.startswith("eyeLook") or channel in LOOKS for channel in driven)
    rows: dict[str, Row] = {}
    for name in bones:
        found = bone_channel(name)
        if found is not None and (found[0] not in rows or rows[found[0]].confidence < found[1]):
            rows[found[0]] = Row(found[0], name, "BONE", confidence=found[1])
    if rig := face_bones.rig_of(bones):
        rows["jaw"] = Row("jaw", rig.jaw, "BONE")
        rows = {name: row for name, row in rows.items() if "eye" not in name}
        rows |= {channel: Row(channel, bone, "BONE") for channel, bone in rig.eyes.items()}
        rows |= {bone: Row(FACE_BONE, bone, "BONE") for bone in rig.bones}
    return [_yielding(row, speaks, looks) for row in rows.values()]


def _yielding(row: Row, speaks: bool, looks: bool) -> Row:
    if speaks and row.channel in {"jaw", FACE_BONE}:
        return replace(row, on=False, reason="The shapes move the face already.")
    if looks and row.channel in {"left eye", "right eye", "both eyes"}:
        return replace(row, on=False, reason="The shapes turn the eyes already.")
    return row


def bone_channel(name: str) -> tuple[str, float] | None:
    """The channel that moves a bone called `name`, with a confidence."""
    spelt = words(name)
    if not spelt or set(spelt) & BONE_ENDINGS or spelt[0] in BONE_CRUTCHES:
        return None
    for reading in readings(name):
        if (reading.base, reading.side) in BONES:
            less = MANY_WORDS * len(reading.prefix)
            return BONES[reading.base, reading.side], SURE - less
    return None


def unmatched(meshes: Mapping[str, Sequence[str]], rows: Iterable[Row]) -> list[str]:
    """Shapes that nothing moves, in order."""
    known = {row.target for row in rows}
    return [name for shapes in meshes.values() for name in dict.fromkeys(shapes) if name not in known]


def twice(rows: Iterable[Row]) -> list[str]:
    """Targets that more than one switched-on row would move; for a mapping that was corrected by hand.

    A bone or an object may be turned by one row and carried by another.
    """
    seen: set[tuple[str, str, bool]] = set()
    double: list[str] = []
    for row in (row for row in rows if row.on):
        moved = (row.kind, row.target, row.channel == HEAD_PLACE)
        if moved in seen:
            double.append(row.target)
        seen.add(moved)
    return list(dict.fromkeys(double))
