"""What the neutral style would do with the words of a clip, so that a style is not taken for its sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.media import SAMPLE_RATE, AudioError, require_sound, stream_audio
from backend.progress import Progress, silent
from models.face.model import FaceModel
from models.motion.motion import MotionError
from models.motion.style_measure import neutral_features
from models.speech.decode import decode
from models.speech.loudness import LoudnessMeter
from models.speech.phonetic import PhoneticEncoder, SpeechError

FloatArray = NDArray[np.float64]


def spoken_features(
    clip: Path, first: float, seconds: float, face_model: FaceModel, progress: Progress = silent
) -> FloatArray | None:
    """Features (F,) of the neutral style on what is said in `clip` from `first` on; None where nothing is said."""
    progress("speech", 0, 1)
    meter = LoudnessMeter()
    try:
        wave = np.concatenate(list(require_sound([_window(clip, first, seconds)])))
        phones = decode(np.concatenate(list(PhoneticEncoder.load().stream(meter.listen([wave])))))
        return neutral_features(phones, meter.loudness, len(wave) / SAMPLE_RATE, face_model)
    except (AudioError, SpeechError, MotionError):
        return None  # a silent film, music, or too few words: the clip is measured against average sentences
    finally:
        progress("speech", 1, 1)


def _window(clip: Path, first: float, seconds: float) -> NDArray[np.float32]:
    """The sound from `first` on, at most `seconds` of it; what lies behind is not read."""
    start, end = round(first * SAMPLE_RATE), round((first + seconds) * SAMPLE_RATE)
    kept, read = [], 0
    for chunk in stream_audio(clip):
        kept.append(chunk[max(start - read, 0) : max(end - read, 0)])
        read += len(chunk)
        if read >= end:
            break
    return np.concatenate(kept)
