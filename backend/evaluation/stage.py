"""What every section of the benchmark shares: the face, the models, and what each model has heard so far."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.evaluation.baselines import baselines
from backend.evaluation.motion_model import FPS, ArticulatorModel, MotionModel
from backend.evaluation.mouth_curves import MouthGauge
from backend.synthesis import Speech
from models.face.model import FaceModel
from models.motion.motion import Float32Array, Motion
from models.motion.style_document import StyleDocument


@dataclass(eq=False)
class Stage:
    """The articulator, which also gives the reference times, and the `models` under test, the articulator first."""

    face: FaceModel
    gauge: MouthGauge
    articulator: ArticulatorModel
    models: list[MotionModel]
    style: StyleDocument
    seed: int = 0
    _heard: dict[tuple[str, Path, str | None], Any] = field(default_factory=dict)

    def heard(self, model: MotionModel, recording: Path, transcript: str | None = None) -> Any:
        """What `model` hears in a recording, which it listens to once."""
        key = (model.name, recording, transcript)
        if key not in self._heard:
            self._heard[key] = model.hear(recording, transcript)
        return self._heard[key]

    def speech(self, recording: Path, transcript: str | None = None) -> Speech:
        """Phones, words and loudness of a recording."""
        speech = self.heard(self.articulator, recording, transcript)
        assert isinstance(speech, Speech)
        return speech

    def motion(
        self, model: MotionModel, recording: Path, transcript: str | None = None, style: StyleDocument | None = None
    ) -> Motion:
        """`model` saying a recording."""
        heard = self.heard(model, recording, transcript)
        return model.move(heard, style or self.style, self.seed_of(recording))

    def seed_of(self, recording: Path) -> int:
        """Chance of each recording's own: clips that blinked alike would count as one."""
        return self.seed + zlib.crc32(recording.name.encode()) % 100_000

    def baselines(self, recordings: Sequence[Path], transcripts: Sequence[str | None]) -> dict[str, list[Float32Array]]:
        """What must lose, made from the first model's motion for the recordings: expression (T, 64) of each."""
        best, jaw = self.models[0], self.gauge.jaw
        said = list(zip(recordings, transcripts, strict=True))
        motions = [self.motion(best, *one).expression for one in said]
        return baselines(motions, [self.speech(*one).loudness for one in said], FPS, jaw)
