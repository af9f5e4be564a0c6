"""One performance: features come in piece by piece, motion goes out as soon as 200 ms beyond it are known.

Everything that carries state is here: the rows the network still needs, the spans that were found, the frames that are
out. Whole recordings go the same way, so that pieces equal the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from models.motion.blinks import blinks
from models.motion.curves import smooth_step
from models.motion.gaze import gaze
from models.motion.head_motion import head_motion
from models.motion.learned.contact import LOOK_AHEAD, ContactFinder
from models.motion.learned.events import columns, probability
from models.motion.learned.features import Features
from models.motion.learned.lips import Contacts, LipSolver
from models.motion.learned.network import AHEAD, BEHIND, CAPTURED, CONTROL_COUNT, MotionNetwork
from models.motion.learned.prosody import ProsodyFinder
from models.motion.motion import Float32Array, FloatArray, Motion
from models.motion.prosody import Emphasis
from models.motion.streams import stream
from models.motion.styles import Style
from models.motion.upper_face import LEAD, upper_face, without_wide_blinks
from models.motion.visemes import CONTROL_INDEX, CONTROLS
from models.speech.phones import RATE

AT_REST: Final = 0.080  # seconds over which a mouth that speaks from the first moment leaves its rest; also at the end
PIECE: Final = 1000  # rows that go through the network at once
# The mean of all that might be meant is blunter than any of it: how far the second difference over 40 ms is taken back,
# by which jaw and lips get the jerk of captured ones.
SHARPENED: Final = {"jaw": 0.5, "lower_lip": 0.5, "upper_lip": 0.5}
OTHERS_SHARPENED: Final = 0.4
SHARPENING: Final = np.array([SHARPENED.get(name, OTHERS_SHARPENED) for name in CONTROLS])
TOGETHER: Final = columns(frozenset({"S", "SH", "CH"}))
PASSING: Final = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9
SOFT: Final = 0.8  # weights above are eased towards 1
FIRMEST: Final = 1.3


@dataclass(frozen=True, eq=False)
class Manner:
    """How somebody speaks, ready for use: the style's parameters, what the network is told (24,), the spread of each
    control (12,) with sliders, and sliders by channel.
    """

    style: Style
    told: Float32Array
    spreads: FloatArray
    sliders: Mapping[str, float]
    seed: int
    fps: float


class Performer:
    """One performance. `seconds`: how long it will last, where that is known; else the head does not come to rest."""

    def __init__(
        self,
        network: MotionNetwork,
        captured_share: FloatArray,
        solver: LipSolver,
        manner: Manner,
        seconds: float | None,
    ) -> None:
        self._network, self._share, self._solver, self._manner = network, captured_share, solver, manner
        self._end = np.inf if seconds is None else _last_frame(seconds, manner.fps)
        self._told = torch.from_numpy(manner.told)[None]
        self._inputs = np.empty((0, 0), np.float32)  # rows of features from `BEHIND` before the first that is not made
        self._heard = self._made = self._frames = 0  # rows heard, rows of curves made, frames out
        self._curves = np.empty((0, CONTROL_COUNT))  # rows made that frames still need; the last is row `_made` - 1
        self._contacts, self._prosody = ContactFinder(), ProsodyFinder()

    def hear(self, features: Features) -> Motion | None:
        """Take the next rows; motion if some is ready."""
        for first in range(0, len(features), PIECE):
            piece = features[first : first + PIECE]
            self._contacts.hear(piece)
            self._prosody.hear(piece)
            self._take(piece.matrix())
        return self._ready(self._heard / RATE - LOOK_AHEAD)

    def end(self) -> Motion | None:
        """The sound has ended: what is left."""
        self._contacts.end()
        self._prosody.end()
        if self._inputs.size:
            self._infer(final=True)
        last = _last_frame(self._heard / RATE, self._manner.fps)
        return self._ready(last + 0.5 / self._manner.fps, last)

    def _take(self, rows: Float32Array) -> None:
        self._inputs = rows if not self._inputs.size else np.concatenate([self._inputs, rows])
        self._heard += len(rows)
        if self._heard - self._made > AHEAD:
            self._infer(final=False)

    @torch.inference_mode()
    def _infer(self, *, final: bool) -> None:
        """Run the network over the rows held, and keep what is not subject to what comes next."""
        device = next(self._network.parameters()).device
        heads = self._network(torch.from_numpy(self._inputs)[None].to(device), self._told.to(device))
        controls, captured = (curves[0].double().cpu().numpy() for curves in (heads.controls, heads.captured))
        own = [CONTROL_INDEX[name] for name in CAPTURED]
        # Captured curves follow effort and know little of phones: teeth that must be together are the teacher's matter.
        free = 1 - _passing(probability(self._inputs, TOGETHER))
        controls[:, own] += self._share * free[:, None] * (captured - controls[:, own])
        held = self._heard - len(self._inputs)  # the row that the inputs begin with
        until = self._heard if final else self._heard - AHEAD
        self._curves = np.concatenate([self._curves, controls[self._made - held : until - held]])
        self._made = until
        self._inputs = self._inputs[max(self._made - BEHIND - held, 0) :]

    def _ready(self, until: float, last: float | None = None) -> Motion | None:
        """The frames up to `until` seconds that are not out yet; `last`: the time of the last one, if known."""
        manner = self._manner
        count = int(np.floor(until * manner.fps + 1e-6)) + 1 if until >= 0 else 0
        times = np.arange(self._frames, count) / manner.fps
        if not len(times):
            return None
        expression = self._mouth(times, np.inf if last is None else last)
        angles, translation = self._beside(times, expression)
        self._frames = count
        return Motion(
            np.clip(expression, 0.0, 1.0).astype(np.float32),
            angles.astype(np.float32),
            translation.astype(np.float32),
            manner.fps,
        )

    def _mouth(self, times: FloatArray, last: float) -> FloatArray:
        """Expression (T, 64) of the mouth alone."""
        manner = self._manner
        controls = eased(np.maximum(self._curves_at(times), 0.0) * manner.spreads)
        seal, bite, rest = self._contacts.at(times, manner.style.crispness)
        awake = smooth_step(times / AT_REST) * smooth_step((min(last, self._end) - times) / AT_REST)
        contacts = Contacts(seal, bite, np.maximum(rest, 1 - awake))
        lips = manner.sliders["lips"]
        held = {unit: weight * lips for unit, weight in manner.style.mood.items() if unit.startswith("mouth")}
        lean = manner.style.asymmetry * float(np.sign(stream(manner.seed, "lips").standard_normal()))
        return self._solver.units(controls, contacts, held, min(manner.style.lips * lips, FIRMEST), lean)

    def _curves_at(self, times: FloatArray) -> FloatArray:
        """The curves (T, 12) at `times`, sharpened; those that later frames need are kept."""
        first, beside = self._made - len(self._curves), 1 / RATE
        rows = (np.arange(first, self._made) + 0.5) / RATE
        before, now, after = (_between(self._curves, rows, times + shift) for shift in (-beside, 0.0, beside))
        passed = int(np.searchsorted(rows, times[-1] - beside))  # rows before what the last frame has read
        self._curves = self._curves[max(passed - 1, 0) :]
        return now + SHARPENING * (2 * now - before - after)

    def _beside(self, times: FloatArray, expression: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Angles (T, 3) and translation (T, 3) of the head; brows, lids and eyes go into `expression`, in place."""
        manner, style = self._manner, self._manner.style
        emphases, pauses, seed, slider = self._prosody.emphases, self._prosody.pauses, manner.seed, manner.sliders
        angles, translation = head_motion(emphases, pauses, times, style, slider["head"], seed, end=self._end)
        later = [Emphasis(one.time + LEAD, one.strength) for one in emphases]  # brows lead by more than is known
        weights = upper_face(later, times, style, slider["brows"], seed, end=self._end)
        weights |= blinks(pauses, times, style, slider["blinks"], seed, manner.fps, end=self._end)
        weights |= gaze(pauses, angles, times, style, slider["gaze"], seed, end=self._end)
        without_wide_blinks(weights)
        for unit, curve in weights.items():
            if unit in self._solver.names:
                expression[:, self._solver.names.index(unit)] = eased(curve)
        return angles, translation


def eased(weights: FloatArray) -> FloatArray:
    """What comes near 1 is eased into it, since a hard stop would show as a jerk."""
    return np.where(weights > SOFT, SOFT + (1 - SOFT) * np.tanh((weights - SOFT) / (1 - SOFT)), weights)


def _between(curves: FloatArray, rows: FloatArray, times: FloatArray) -> FloatArray:
    """Curves (N, D) known at `rows` (N,) seconds, at `times` (T,)."""
    places = np.interp(times, rows, np.arange(len(rows)))
    below = np.floor(places).astype(int)
    above, share = np.minimum(below + 1, len(curves) - 1), (places - below)[:, None]
    return np.asarray(curves[below] * (1 - share) + curves[above] * share)


def _passing(share: FloatArray) -> FloatArray:
    """Shares (N,) that pass over to others within 80 ms: sooner, the jaw would jump from one curve to the other."""
    return np.convolve(np.pad(share, len(PASSING) // 2, mode="edge"), PASSING, mode="valid")


def spreads_with(sliders: Mapping[str, float], spreads: FloatArray) -> FloatArray:
    """The spreads (12,) of the controls with the sliders for jaw and lips; the tongue has none."""
    channel = ["jaw" if name == "jaw" else "" if name.startswith("tongue") else "lips" for name in CONTROLS]
    return spreads * [sliders[name] if name else 1.0 for name in channel]


def _last_frame(seconds: float, fps: float) -> float:
    """The time of the last frame of so many seconds."""
    return (np.ceil(seconds * fps - 1e-6) - 1) / fps
