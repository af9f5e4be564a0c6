"""A stage whose articulator knows by heart what recordings say, so that tests need neither sound nor an encoder."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from backend.alignment.forced import AlignmentError
from backend.evaluation.motion_model import ArticulatorModel
from backend.evaluation.mouth_curves import MouthGauge
from backend.evaluation.stage import Stage
from backend.speech_folder import Recording
from backend.synthesis import Speech
from models.face import open_head
from models.motion.style_choice import builtin
from models.motion.styles import STYLES
from tests.models.motion.speech import SENTENCE, spoken

OTHER = spoken("SIL:0.3 B AH T M AA:0.12 P UW B IY SIL:0.5 F AA:0.14 M AH V EH:0.1 R IY B L UW SIL:0.4")
THIRD = spoken(
    "SIL:0.5 HH UW:0.14 K AA:0.1 N S EH M AO R V AE:0.12 N P IY T ER SIL:0.35 SH IY M EH:0.1 B IY L EH F T "
    "AA:0.12 P SIL:0.6"
)
SAID = {"one.wav": SENTENCE, "two.wav": OTHER, "three.wav": THIRD}


class Parrot(ArticulatorModel):
    """The articulator, told what is said; a transcript that is not "known" cannot be aligned."""

    def __init__(self) -> None:
        self._names = open_head.load().expression_names
        self.listened = 0

    def hear(self, recording: Path, transcript: str | None) -> Speech:
        self.listened += 1
        if transcript not in (None, "known"):
            raise AlignmentError("the words do not fit the sound")
        phones = SAID[recording.name.replace("_noise", "")]
        seconds = phones[-1].end
        loudness = np.full(int(50 * seconds), -20.0, np.float32)
        for phone in phones:
            if phone.label == "SIL":
                loudness[int(50 * phone.start) : int(50 * phone.end)] = -60
        return Speech(phones, [], loudness, seconds, {}, "test")


@lru_cache(maxsize=1)
def gauge() -> MouthGauge:
    return MouthGauge.of(open_head.load())


def stage() -> Stage:
    parrot = Parrot()
    return Stage(open_head.load(), gauge(), parrot, [parrot], builtin(STYLES["neutral"].name))


def said(folder: Path, transcript: str = "known") -> list[Recording]:
    return [Recording(folder / name, transcript, None) for name in SAID]
