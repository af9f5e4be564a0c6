"""Is the style that is measured the style that was asked for?

    python benchmarks/styles.py [--speech DIR] [--other-speech DIR] [--work DIR] [--takes 120] [--json FILE]

Takes: random styles on `--other-speech`, sentences that the gauge has not seen (5 s or longer), measured as takes.
Videos: random styles on `--speech` as random people, rendered and measured as footage; those after the gauge's own 24,
kept in `--work` between runs (half a minute each). r and slope are of the measured parameter over the one asked for,
in logarithms except for blinks, posture and mood; "typical error" is the median factor between the two, or the median
difference.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from backend.synthesis import default_person, hear, perform
from backend.training.style_gauge import FIRST_SEED, random_style, sentences, video_pair
from models.face import open_head
from models.face.model import FaceModel
from models.motion.style_features import SHORTEST
from models.motion.style_measure import Measured, measured_style, neutral_features
from models.motion.styles import Style

GAUGED = 24  # videos that the gauge was made of
FACTORS = ("lips", "jaw", "rounding", "width", "crispness", "brows", "gaze", "head", "nods", "tempo")
LEVELS: dict[str, Callable[[Style], float]] = {
    "blinks a minute": lambda style: style.blinks_per_minute,
    "asymmetry": lambda style: style.asymmetry,
    "posture x, degrees": lambda style: style.posture[0],
    "posture y, degrees": lambda style: style.posture[1],
    "posture z, degrees": lambda style: style.posture[2],
    "mood: smile": lambda style: style.mood.get("mouthSmileLeft", 0.0),
    "mood: heavy lids": lambda style: style.mood.get("eyeBlinkLeft", 0.0),
    "mood: inner brows up": lambda style: style.mood.get("browInnerUp", 0.0),
    "mood: brows down": lambda style: style.mood.get("browDownLeft", 0.0),
    "mood: frown": lambda style: style.mood.get("mouthFrownLeft", 0.0),
}

Pairs = list[tuple[Style, Measured]]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    shared = Path("../shared/speech")
    parser.add_argument("--speech", type=Path, default=shared / "ljspeech")
    parser.add_argument("--other-speech", type=Path, default=shared / "speakers")
    parser.add_argument("--work", type=Path, default=Path("build/style_gauge"))
    parser.add_argument("--takes", type=int, default=120)
    parser.add_argument("--videos", type=int, default=12)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    face_model = open_head.load()
    found = of_takes(options.other_speech, options.takes, face_model)
    found |= of_videos(options.speech, options.work, options.videos, face_model)
    rows = {seen: [row(name, pairs) for name in (*FACTORS, *LEVELS)] for seen, pairs in found.items()}
    for seen, lines in rows.items():
        print(f"\n{seen}, {len(found[seen])} clips\n\n| parameter | r | slope | typical error | sure |")
        print("|---|---|---|---|---|")
        for line in lines:
            print("| " + " | ".join(line) + " |")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def of_takes(folder: Path, count: int, face_model: FaceModel) -> dict[str, Pairs]:
    """Takes measured against average sentences, and against the neutral style on their own."""
    heard = [hear(path) for path in sorted(folder.iterdir()) if path.suffix in {".ogg", ".wav", ".flac"}]
    speeches = [speech for speech in heard if speech.seconds > SHORTEST + 0.1]
    neutral = [neutral_features(s.phones, s.loudness, s.seconds, face_model) for s in speeches]
    person = default_person(face_model)
    found: dict[str, Pairs] = {"takes": [], "takes, heard": []}
    for k in range(count):
        style = random_style(np.random.default_rng(50 * FIRST_SEED + k))
        take = perform(speeches[k % len(speeches)], person, face_model, style=style, seed=k)
        clip = take.coefficients[: 20 * 25]
        found["takes"].append((style, measured_style(clip, face_model)))
        found["takes, heard"].append((style, measured_style(clip, face_model, spoken=neutral[k % len(speeches)])))
    return found


def of_videos(folder: Path, work: Path, count: int, face_model: FaceModel) -> dict[str, Pairs]:
    """The same clips measured on their takes, which holds what a short clip leaves open, and on their videos."""
    work.mkdir(parents=True, exist_ok=True)
    paths = sentences(folder)
    found: dict[str, Pairs] = {"the takes of the videos, heard": [], "videos": [], "videos, heard": []}
    for k in range(GAUGED, GAUGED + count):
        speech = hear(paths[k % len(paths)])
        true, seen = video_pair(k, speech, face_model, work)
        style = random_style(np.random.default_rng(FIRST_SEED + k))
        spoken = neutral_features(speech.phones, speech.loudness, speech.seconds, face_model)
        for name, measured in (
            ("the takes of the videos, heard", measured_style(true, face_model, spoken=spoken)),
            ("videos", measured_style(seen, face_model, seen="video")),
            ("videos, heard", measured_style(seen, face_model, seen="video", spoken=spoken)),
        ):
            found[name].append((style, measured))
    return found


def row(name: str, pairs: Pairs) -> tuple[str, ...]:
    """One line of the table; dashes for what this source cannot tell."""
    if name in FACTORS:
        sure = np.mean([measured.confidence.get(name, 0.0) for _, measured in pairs])
        asked = np.log([getattr(style, name) for style, _ in pairs])
        found = np.log([getattr(measured.style, name) for _, measured in pairs])
    else:
        part = "blinks_per_minute" if name.startswith("blinks") else name.split(" ")[0].rstrip(":")
        sure = np.mean([measured.confidence.get(part, 0.0) for _, measured in pairs])
        asked = np.array([LEVELS[name](style) for style, _ in pairs])
        found = np.array([LEVELS[name](measured.style) for _, measured in pairs])
    if np.ptp(found) == 0:
        return name, "–", "–", "not told", f"{sure:.2f}"
    off = float(np.median(np.abs(found - asked)))
    r, slope = np.corrcoef(asked, found)[0, 1], np.polyfit(asked, found, 1)[0]
    error = f"× {np.exp(off):.2f}" if name in FACTORS else f"± {off:.2f}"
    return name, f"{r:.2f}", f"{slope:.2f}", error, f"{sure:.2f}"


if __name__ == "__main__":
    main()
