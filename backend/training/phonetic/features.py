"""Cached training material: the frozen encoder's hidden states and soft phone labels, for every clip several times.

One safetensors file per clip and draw (`states` (5, T, 512) float16, `labels` (T, 29) float16); a run that was broken
off goes on where it stopped, and a draw is the same whenever it is made.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file

from backend.alignment.forced import AlignmentError, align
from backend.progress import Progress, silent
from backend.training.phonetic.augmentation import at_level, augment, coloured_noise
from backend.training.phonetic.corpus import Clip, sound_of
from models.speech.decode import decode
from models.speech.phones import CLASSES, INDEX, PhoneSpan, posteriors_from_spans
from models.speech.phonetic import PhoneticEncoder, prefers_bfloat16, windows
from models.speech.whisper_encoder import SAMPLES_PER_FRAME, WhisperEncoder, log_mel

LAYERS: Final = 5  # the last blocks' hidden states are kept
_NOISE_CLIPS: Final = 40
_NOISE_SAMPLES: Final = 16000 * 5

Waveform = NDArray[np.float32]


def aligned(clips: Sequence[Clip], folder: Path, progress: Progress = silent) -> dict[str, list[PhoneSpan]]:
    """Phone spans by clip name from forced alignment; what cannot be aligned is left out."""
    return _labelled(clips, folder, _align, "align", progress)


def recognised(
    clips: Sequence[Clip], teacher: PhoneticEncoder, folder: Path, progress: Progress = silent
) -> dict[str, list[PhoneSpan]]:
    """Phone spans by clip name as a trained head hears them in clean sound, for clips without a transcript.

    Self-training (Scudder 1965): a head that then learns to hear the same in altered copies gains voices and languages.
    """
    return _labelled(clips, folder, lambda clip: decode(teacher.posteriors(sound_of(clip))), "hear", progress)


def _labelled(
    clips: Sequence[Clip], folder: Path, label: Callable[[Clip], list[PhoneSpan]], stage: str, progress: Progress
) -> dict[str, list[PhoneSpan]]:
    """Spans by clip name, made once and kept as JSON in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[PhoneSpan]] = {}
    for done, clip in enumerate(clips):
        progress(stage, done, len(clips))
        file = folder / f"{clip.name}.json"
        if not file.exists():
            file.write_text(
                json.dumps([(span.label, round(span.start, 4), round(span.end, 4)) for span in label(clip)])
            )
        spans = [PhoneSpan(name, start, end) for name, start, end in json.loads(file.read_text())]
        if spans:
            found[clip.name] = spans
    progress(stage, len(clips), len(clips))
    return found


def _align(clip: Clip) -> list[PhoneSpan]:
    try:
        return align(sound_of(clip), clip.transcript).phones
    except AlignmentError:
        return []


def cache_features(
    encoder: WhisperEncoder,
    clips: Sequence[Clip],
    spans: dict[str, list[PhoneSpan]],
    folder: Path,
    draws: int,
    seed: int,
    progress: Progress = silent,
) -> list[Path]:
    """Files of states and labels: each clip that has spans, clean and `draws` times altered."""
    folder.mkdir(parents=True, exist_ok=True)
    sounds = {clip.name: sound_of(clip) for clip in clips if clip.name in spans}
    others = list(sounds.values())
    files: list[Path] = []
    for done, (name, sound) in enumerate(sounds.items()):
        progress("features", done, len(sounds))
        for draw in range(draws + 1):
            file = folder / f"{name}.{draw}.safetensors"
            files.append(file)
            if not file.exists():
                altered, speed = augment(sound, others, _generator(seed, name, draw)) if draw else (sound, 1.0)
                _save(encoder, altered, [_faster(span, speed) for span in spans[name]], file)
    progress("features", len(sounds), len(sounds))
    return files


def cache_noise(encoder: WhisperEncoder, folder: Path, seed: int) -> list[Path]:
    """Files of states and labels of noise, hum and near-silence without speech, labelled as silence."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"noise-{index}.safetensors" for index in range(_NOISE_CLIPS)]
    for index, file in enumerate(files):
        if not file.exists():
            random = _generator(seed, "noise", index)
            noise = at_level(coloured_noise(_NOISE_SAMPLES, random), float(random.uniform(-50.0, -3.0)))
            _save(encoder, noise, [], file)
    return files


def _generator(seed: int, name: str, draw: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode()), draw])


def _faster(span: PhoneSpan, speed: float) -> PhoneSpan:
    return PhoneSpan(span.label, span.start / speed, span.end / speed)


def _save(encoder: WhisperEncoder, sound: Waveform, spans: list[PhoneSpan], file: Path) -> None:
    states = hidden_states(encoder, sound)
    labels = posteriors_from_spans(spans, states.shape[1])
    assert labels.shape[1] == len(CLASSES) and INDEX["SIL"] == 0
    partial = file.with_suffix(".part")
    save_file({"states": states, "labels": labels.astype(np.float16)}, str(partial))
    partial.replace(file)


@torch.inference_mode()
def hidden_states(encoder: WhisperEncoder, sound: Waveform) -> NDArray[np.float16]:
    """States (5, T, width) of the last blocks, over the same windows as `PhoneticEncoder`."""
    pieces = []
    for window, before, frames in windows([sound]):
        with torch.autocast("cpu", torch.bfloat16, enabled=prefers_bfloat16(torch.device("cpu"))):
            states = torch.cat(encoder(log_mel(torch.from_numpy(window)[None]))[-LAYERS:])
        pieces.append(states[:, before : before + frames])
    joined = torch.cat(pieces, dim=1).half().numpy()
    assert joined.shape[1] == -(-len(sound) // SAMPLES_PER_FRAME)
    return joined
