"""Does a style that was measured on a video show again on another voice?

    python benchmarks/style_again.py [--speech DIR] [--style energetic ...] [--seconds 9] [--work DIR]

One voice says a sentence in a strong style (a preset) and is rendered, its video is measured, another person says
another sentence in what was measured, and that video is measured in turn; both move by the learned motion. In the last
column the second voice speaks in the neutral style: what is measured there has nothing of the first. A dash: too unsure
to be told, and neutral.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from backend.delivery import DEMO_VOICE
from backend.media import SAMPLE_RATE, read_audio, write_video
from backend.preview.frames import render_frames
from backend.style.measure import measure_style
from backend.synthesis import AnyStyle, Person, default_person, hear, mover, perform
from backend.texture.unwrap import albedo_texture
from models.face import open_head
from models.face.model import FaceModel
from models.motion.learned.model import LearnedMotion
from models.motion.style_choice import chosen_style
from models.motion.style_document import StyleDocument

SIZE = 288  # pixels along a side
PARAMETERS = ("jaw", "rounding", "width", "crispness", "brows", "head", "nods")
MOODS = ("mouthSmileLeft", "eyeBlinkLeft", "browInnerUp")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech/ljspeech"))
    parser.add_argument("--style", action="append", help="a preset; may be given again (default: energetic, mumbling)")
    parser.add_argument("--seconds", type=float, default=9.0, help="of each voice")
    parser.add_argument("--work", type=Path, default=Path("build/style_again"))
    options = parser.parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    face = open_head.load()
    learned = mover("learned", face)
    assert learned is not None
    read = max(sorted(options.speech.glob("*.ogg")), key=lambda path: len(read_audio(path)))
    first, second = (_cut(path, options.seconds, options.work) for path in (read, DEMO_VOICE))
    plain = _shown(second, "neutral", _person(face, 2), face, learned, options.work / "plain.mp4")
    for name in options.style or ["energetic", "mumbling"]:
        asked = chosen_style(name)
        measured = _shown(first, asked, _person(face, 1), face, learned, options.work / f"{name}_first.mp4")
        again = _shown(second, measured, _person(face, 2), face, learned, options.work / f"{name}_again.mp4")
        print(f"\n| {name} | asked for | measured on the first | on the second in that | on the second, neutral |")
        print("|---|---|---|---|---|")
        for parameter in (*PARAMETERS, *MOODS):
            cells = [_cell(document, parameter) for document in (asked, measured, again, plain)]
            print(f"| {parameter} | {' | '.join(cells)} |", flush=True)


def _shown(
    voice: Path, style: AnyStyle, person: Person, face: FaceModel, learned: LearnedMotion, video: Path
) -> StyleDocument:
    """The style measured on the video, with sound, of a person who says a recording."""
    if not video.exists():
        take = perform(hear(voice, learned=learned), person, face, style=style, seed=7, learned=learned)
        write_video(video, render_frames(take, face, person.texture, SIZE), take.fps, voice)
    return measure_style(video, face_model=face)


def _person(face: FaceModel, seed: int) -> Person:
    """A random person in even light."""
    random = np.random.default_rng(seed)
    identity, albedo = (0.7 * random.standard_normal(80).astype(np.float32) for _ in range(2))
    average = default_person(face)
    return Person(identity, albedo, average.gamma, albedo_texture(face, albedo, 1024), None)


def _cut(path: Path, seconds: float, work: Path) -> Path:
    """The first seconds of a recording, as a file."""
    cut = work / f"{path.stem}.wav"
    soundfile.write(cut, read_audio(path)[: int(seconds * SAMPLE_RATE)], SAMPLE_RATE)
    return cut


def _cell(document: StyleDocument, parameter: str) -> str:
    if parameter in MOODS:
        return f"{document.style.mood.get(parameter, 0.0):.2f}"
    unsure = document.measure is not None and parameter not in document.confidence
    return "–" if unsure else f"{getattr(document.style, parameter):.2f}"


if __name__ == "__main__":
    main()
