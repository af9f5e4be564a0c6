"""A performance on its way to a character: 64 expression units and the head's pose, at any frame rate (no bpy)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..files.take_file import TakeFile, TakeFileError
from ..motion.frames import rotation_matrices
from ..motion.performance import performance_name
from ..motion.resample import resample, runs, sample_times
from .units import FOLD, INDEX, UNITS

Float32Array = NDArray[np.float32]

FACE_MODEL: Final = "open_head"  # the face model whose expressions are `UNITS`
NECK: Final = (0.0, -1.15, -0.9)  # what its head turns about in performances, decimetres
EYES: Final = 0.6  # from one eye to the other, likewise
LID_SHUT: Final = 0.8
TOUCHING: Final = 0.02  # gap below which the lips of the open head touch
OPEN: Final = 0.10  # gap above which nothing of a closure is left

# Of these an amplitude above or below 1 would open what has to be shut, or shut what has to be open.
EXACT: Final = ("eyeBlink", "eyeLook", "lipPress", "lipBiteLower", "mouthPress")


@dataclass(frozen=True, eq=False)
class Tracks:
    """units (T, 64) in the order of `UNITS`; angles (T, 3) radians with R = Rz·Ry·Rx and place (T, 3) decimetres, where
    the lower end of the neck is, in the face model's frame (x to the subject's left, y up, z forward); fps; name: of
    the Action; first: frame of the scene on which a head plays it."""

    units: Float32Array
    angles: Float32Array
    place: Float32Array
    fps: float
    name: str = "voice"
    first: int = 1

    def __len__(self) -> int:
        return len(self.units)

    def unit(self, name: str) -> Float32Array:
        """(T,) weights of one unit."""
        return self.units[:, INDEX[name]]

    def both(self, base: str) -> Float32Array:
        """(T,) mean of the left and the right unit."""
        return (self.unit(f"{base}Left") + self.unit(f"{base}Right")) / 2


def of_take(take: TakeFile) -> Tracks:
    """The tracks of a take.

    Raises:
        TakeFileError: its face model has no named expressions.
    """
    model = str(take.meta.get("face_model", {}).get("name", ""))
    if model != FACE_MODEL:
        raise TakeFileError(
            f"the take is for the face model {model or 'of an unknown name'}, whose expressions have no names; "
            f"make it with {FACE_MODEL}"
        )
    place = (rotation_matrices(take.angles) @ NECK + take.translation).astype(np.float32)
    return Tracks(take.expression, take.angles, place, take.fps, performance_name(take.meta))


def folded(tracks: Tracks, has: frozenset[str] = frozenset()) -> Tracks:
    """The same with the project's own units turned into ARKit's, for a character that has only those.

    has: own units that the character has itself and that therefore stay as they are.
    """
    units = tracks.units.copy()
    for own, shares in FOLD.items():
        if own in has:
            continue
        for name, share in shares.items():
            units[:, INDEX[name]] += share * tracks.unit(own)
        units[:, INDEX[own]] = 0.0
    changed = [INDEX[name] for shares in FOLD.values() for name in shares]
    units[:, changed] = np.minimum(units[:, changed], np.maximum(tracks.units[:, changed], 1.0))
    return replace(tracks, units=units)


def scaled(tracks: Tracks, amplitude: float, head: float = 1.0) -> Tracks:
    """Larger or smaller movements of the face and of the head; what shuts lips and lids stays exact.

    The head is scaled about its mean pose.
    """
    factors = np.array([1.0 if name.startswith(EXACT) else amplitude for name in UNITS], dtype=np.float32)
    rest_angles, rest_place = tracks.angles.mean(axis=0), tracks.place.mean(axis=0)
    return replace(
        tracks,
        units=tracks.units * factors,
        angles=(rest_angles + head * (tracks.angles - rest_angles)).astype(np.float32),
        place=(rest_place + head * (tracks.place - rest_place)).astype(np.float32),
    )


def lip_gap(tracks: Tracks) -> Float32Array:
    """(T,) how far apart the lips are, in units of `jawOpen`; 0 where they touch.

    `mouthClose` takes back what `jawOpen` parts at equal weight; the other shares are the heights of their openings.
    """
    gap = tracks.unit("jawOpen") - tracks.unit("mouthClose")
    gap = gap + 0.4 * tracks.both("mouthLowerDown") + 0.35 * tracks.both("mouthUpperUp")
    return np.maximum(gap + 0.2 * tracks.unit("mouthFunnel") + 0.4 * tracks.unit("lipFlare"), 0.0)


def seal(tracks: Tracks) -> Float32Array:
    """(T,) from 0 to 1, how much the lips are pressed together as in /p b m/; 0 in a mouth that merely rests."""
    pressing = tracks.unit("lipPress") / 0.15 + tracks.both("mouthPress") / 0.3 + tracks.unit("mouthClose") / 0.04
    rolled = np.minimum(tracks.unit("mouthRollLower"), tracks.unit("mouthRollUpper")) / 0.3
    closed = np.clip((OPEN - lip_gap(tracks)) / (OPEN - TOUCHING), 0.0, 1.0)
    return (closed * closed * (3 - 2 * closed) * np.clip(pressing + rolled, 0.0, 1.0)).astype(np.float32)


def contacts(tracks: Tracks) -> list[tuple[int, int]]:
    """(first, last) frames of lip contacts, bites and blinks, in order of time: they must not be smeared."""
    shut = np.minimum(tracks.unit("eyeBlinkLeft"), tracks.unit("eyeBlinkRight")) >= LID_SHUT
    bites = tracks.unit("lipBiteLower") >= 0.9 * max(float(tracks.unit("lipBiteLower").max(initial=0.0)), 0.3)
    return sorted({*runs(seal(tracks) > 0.9), *runs(shut), *runs(bites)})


def resampled(tracks: Tracks, fps: float) -> Tracks:
    """The same at another rate; contacts are held (see `motion.resample`)."""
    if fps == tracks.fps:
        return tracks
    joined = np.concatenate([tracks.units, tracks.angles, tracks.place], axis=1)
    sampled = resample(joined, sample_times(len(tracks), tracks.fps, fps, contacts(tracks)))
    count = len(UNITS)
    return replace(
        tracks,
        units=sampled[:, :count],
        angles=sampled[:, count : count + 3],
        place=sampled[:, count + 3 :],
        fps=fps,
    )
