"""What a character can be driven by: units, pairs of units, visemes, gaze, and the motions of bones (no bpy).

A channel has a name that is shown to the artist and kept in presets: "jawOpen", "mouthSmile" (left and right at once),
"oculus PP", "look up", "head". Channels of shapes give a track (T,); those of bones are computed in `motion`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .decompose import HIGHEST, fit
from .tracks import Tracks
from .units import INDEX, UNITS
from .visemes import SETS, SILENT

Float32Array = NDArray[np.float32]

PAIRS: Final = tuple(
    name.removesuffix("Left") for name in UNITS if name.endswith("Left") and name not in {"jawLeft", "mouthLeft"}
)
LOOKS: Final = {
    "look up": ("eyeLookUpLeft", "eyeLookUpRight"),
    "look down": ("eyeLookDownLeft", "eyeLookDownRight"),
    "look left": ("eyeLookOutLeft", "eyeLookInRight"),
    "look right": ("eyeLookInLeft", "eyeLookOutRight"),
}
HEAD_PLACE: Final = "head place"  # where the head goes, beside how it turns
BONE_CHANNELS: Final = ("head", HEAD_PLACE, "neck", "jaw", "left eye", "right eye", "both eyes")
FACE_BONE: Final = "face bone"  # a face bone whose motion `face_bones` knows by its name

# The channels that make speech; a character is driven by these or by visemes, never by both.
SPEECH: Final = frozenset(
    {"jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "lipPress", "lipBiteLower", "lipFlare", "mouthWide"}
    | {"mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "upperLipRaise", "mouthLowerDown"}
    | {"mouthUpperUp", "mouthStretch", "mouthPress", "tongueOut", "tongueTipUp", "tongueBackUp", "tongueInterdental"}
    | {"tongueWide"}
)


def viseme_channels() -> tuple[str, ...]:
    """All visemes but the silent ones: "oculus PP" …"""
    return tuple(f"{kind} {name}" for kind, names in SETS.items() for name in names if SILENT.get(kind) != name)


SHAPE_CHANNELS: Final = (*UNITS, *PAIRS, *LOOKS, *viseme_channels())
CHANNELS: Final = (*SHAPE_CHANNELS, *BONE_CHANNELS, FACE_BONE)


def viseme_of(channel: str) -> tuple[str, str] | None:
    """("oculus", "PP") for "oculus PP"; None for a channel that is no viseme."""
    kind, _, name = channel.partition(" ")
    return (kind, name) if kind in SETS and name in SETS[kind] else None


def is_speech(channel: str) -> bool:
    """Whether the channel is one of those that make speech, of either side or both."""
    return channel.removesuffix("Left").removesuffix("Right") in SPEECH


@dataclass(frozen=True, eq=False)
class Shown:
    """tracks {channel: (T,)}; missing {viseme: how much more it should have had}, where a slider was too short."""

    tracks: dict[str, Float32Array] = field(default_factory=dict)
    missing: dict[str, float] = field(default_factory=dict)


def shape_tracks(tracks: Tracks, wanted: Iterable[str], highest: Mapping[str, float] | None = None) -> Shown:
    """The track of every wanted channel; visemes of one set are found together.

    highest: the largest values that visemes may have, by channel; 1 for those not in it.

    Raises:
        KeyError: a channel that no shape can have.
    """
    shown = Shown()
    visemes: dict[str, list[str]] = {}
    for channel in dict.fromkeys(wanted):
        if (viseme := viseme_of(channel)) is not None:
            visemes.setdefault(viseme[0], []).append(viseme[1])
        elif channel in INDEX:
            shown.tracks[channel] = tracks.unit(channel)
        elif channel in LOOKS:
            shown.tracks[channel] = np.mean([tracks.unit(name) for name in LOOKS[channel]], axis=0)
        elif channel in PAIRS:
            shown.tracks[channel] = tracks.both(channel)
        else:
            raise KeyError(channel)
    for kind, names in visemes.items():
        channels = [f"{kind} {name}" for name in names]
        found = fit(tracks, kind, names, np.array([(highest or {}).get(name, HIGHEST) for name in channels]))
        shown.tracks.update(zip(channels, found.weights.T, strict=True))
        shown.missing.update((name, float(more)) for name, more in zip(channels, found.missing, strict=True) if more)
    return shown
