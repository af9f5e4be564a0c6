"""The learned motion model: speech and a style become the motion of the open head."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor

from models.face.model import FaceModel
from models.motion.learned.features import Features
from models.motion.learned.hearing import Projection, listen
from models.motion.learned.lips import LipSolver
from models.motion.learned.network import MotionNetwork
from models.motion.learned.performer import Manner, Performer, spreads_with
from models.motion.learned.style_row import StyleScale, amplitudes
from models.motion.motion import Float32Array, FloatArray, Motion, MotionError
from models.motion.style_choice import builtin
from models.motion.style_document import StyleDocument, checked
from models.motion.styles import Style, checked_sliders
from models.speech.phonetic import PhoneticEncoder
from models.speech.whisper_encoder import WeightsError, load_weights
from models.weight_card import checked as with_card
from models.whole_file import whole_file

WEIGHTS: Final = Path(__file__).resolve().parents[2] / "weights" / "motion.safetensors"
FPS: Final = 25.0
_NETWORK: Final = "network."


@dataclass(frozen=True, eq=False)
class Learnt:
    """What training gives: the network, what it hears of the encoder's states, how styles are told to it, what share
    (3,) captured mouths have in `network.CAPTURED`, and `gain` (12,): the factors that make controls as wide as a style
    asks, since what a network is sure of is narrower than what it has learnt from.
    """

    network: MotionNetwork
    projection: Projection
    scale: StyleScale
    captured_share: FloatArray
    gain: FloatArray

    def save(self, path: Path) -> None:
        """Write as safetensors, the network as float16."""
        arrays = {_NETWORK + name: value.half().numpy() for name, value in self.network.state_dict().items()}
        arrays |= {f"projection.{name}": value for name, value in vars(self.projection).items()}
        arrays |= {f"style.{name}": value.astype(np.float32) for name, value in vars(self.scale).items()}
        arrays |= {name: getattr(self, name).astype(np.float32) for name in ("captured_share", "gain")}
        with whole_file(path) as partial:
            save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, partial)

    @classmethod
    def read(cls, path: Path) -> Learnt:
        """What `save` wrote.

        Raises:
            WeightsError: missing, damaged, or another network's.
        """
        stored = load_weights(path)
        try:
            network = MotionNetwork(stored[_NETWORK + "entry.bias"].shape[0])
            weights = {name.removeprefix(_NETWORK): v for name, v in stored.items() if name.startswith(_NETWORK)}
            network.load_state_dict(weights)
            projection = Projection(*(stored[f"projection.{name}"].numpy() for name in ("mean", "directions")))
            scale = StyleScale(*(_double(stored[f"style.{n}"]) for n in ("effect", "correction", "mean", "deviation")))
            share, gain = _double(stored["captured_share"]), _double(stored["gain"])
        except (KeyError, RuntimeError) as error:
            raise WeightsError(f"{path} does not hold a motion model: {error}") from error
        return cls(network.eval().requires_grad_(False), projection, scale, share, gain)


class LearnedMotion:
    """Features of speech and a style become motion; make one with `load`. Equal arguments give equal motion."""

    name = "learned"

    def __init__(self, learnt: Learnt, face_model: FaceModel, device: str = "cpu") -> None:
        self._learnt, self._solver = learnt, LipSolver.of(face_model)
        self._network = learnt.network.to(torch.device(device))

    @classmethod
    def load(cls, face_model: FaceModel, device: str = "cpu", weights: Path = WEIGHTS) -> LearnedMotion:
        """The shipped weights, or others of the same make, for a face model with ARKit's units and lip regions.

        Raises:
            WeightCardError: the shipped file is missing, or not the one that its card records.
            WeightsError: the file is missing, damaged or another network's.
            MotionError: the face model's lips cannot be measured.
        """
        return cls(Learnt.read(with_card(weights) if weights == WEIGHTS else weights), face_model, device)

    def listen(self, encoder: PhoneticEncoder, chunks: Iterable[Float32Array]) -> Iterator[Features]:
        """The features of sound, chunks (n,) at 16 kHz, as they become known.

        Raises:
            SpeechError: a chunk is not a mono float waveform, holds NaN, or there is no sound at all.
        """
        return listen(encoder, self._learnt.projection, chunks)

    def move(
        self,
        features: Features,
        style: StyleDocument | Style | str = "neutral",
        seed: int = 0,
        sliders: Mapping[str, float] | None = None,
        fps: float = FPS,
    ) -> Motion:
        """Motion of ceil(rows / 50 · fps) frames for features of a whole recording.

        style: a preset's name, the articulator's parameters or a document, measured or not; sliders: factors 0..2 for
        lips, jaw, brows, blinks, gaze and head, each of which leaves the others' channels as they are.

        Raises:
            MotionError: no features, an unknown preset or slider, or a number out of its range.
        """
        if not len(features):
            raise MotionError("expected features of speech, got none; check the recording")
        return joined(self.stream([features], style, seed, sliders, fps, seconds=len(features) / 50.0))

    def stream(
        self,
        features: Iterable[Features],
        style: StyleDocument | Style | str = "neutral",
        seed: int = 0,
        sliders: Mapping[str, float] | None = None,
        fps: float = FPS,
        seconds: float | None = None,
    ) -> Iterator[Motion]:
        """Motion as soon as 200 ms beyond it were heard, for features in pieces; joined, it equals `move`'s.

        seconds: how long it will last in all. Where that is not known the head does not come to rest at the end.

        Raises:
            MotionError: as `move`, or a rate or a length that is not positive.
        """
        return _performed(self.performer(style, seed, sliders, fps, seconds), features)

    def performer(
        self,
        style: StyleDocument | Style | str = "neutral",
        seed: int = 0,
        sliders: Mapping[str, float] | None = None,
        fps: float = FPS,
        seconds: float | None = None,
    ) -> Performer:
        """What `stream` asks, for those who hand over features themselves.

        Raises:
            MotionError: as `stream`.
        """
        manner = self._manner(style, seed, sliders, fps)
        return Performer(self._network, self._learnt.captured_share, self._solver, manner, seconds)

    def _manner(
        self, style: StyleDocument | Style | str, seed: int, sliders: Mapping[str, float] | None, fps: float
    ) -> Manner:
        if not (np.isfinite(fps) and fps > 0):
            raise MotionError(f"expected a positive frame rate, got {fps}")
        document, factors, scale = _document(style), checked_sliders(sliders), self._learnt.scale
        row = scale.row(document, self._solver.names)
        spreads = spreads_with(factors, amplitudes(row) * self._learnt.gain)
        return Manner(document.style, scale.normal(row), spreads, factors, seed, fps)


def _performed(performer: Performer, features: Iterable[Features]) -> Iterator[Motion]:
    for piece in features:
        ready = performer.hear(piece)
        if ready is not None:
            yield ready
    rest = performer.end()
    if rest is not None:
        yield rest


def joined(pieces: Iterable[Motion]) -> Motion:
    """Consecutive motion as one."""
    every = list(pieces)
    return Motion(
        np.concatenate([one.expression for one in every]),
        np.concatenate([one.angles for one in every]),
        np.concatenate([one.translation for one in every]),
        every[0].fps,
    )


def _document(style: StyleDocument | Style | str) -> StyleDocument:
    if isinstance(style, StyleDocument):
        return style
    return builtin(style) if isinstance(style, str) else StyleDocument(checked(style))


def _double(tensor: Tensor) -> FloatArray:
    return tensor.numpy().astype(np.float64)
