"""How a clip's features follow its style, measured on takes of known style and on rendered videos of them.

    python -m backend.training.style_gauge --speech DIR --work DIR [--takes 600] [--videos 24] [--out FILE]

DIR holds recordings of read sentences (LJSpeech). Takes: the articulator says them in random styles, and least squares
gives effect, base and noise. Videos: some of the takes are rendered as random people and measured like any footage,
which gives what landmarks and fit do to each feature and to held units. The work folder is resumed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray
from safetensors.numpy import save_file
from scipy.optimize import least_squares

from backend.landmarks import MediaPipeDetector
from backend.media import write_video
from backend.preview.frames import render_frames
from backend.style.face_track import follow_face
from backend.style.footage import stream_pictures
from backend.style.video_fit import fit_track
from backend.synthesis import Person, Speech, hear, perform
from backend.texture.unwrap import albedo_texture
from models.face import open_head
from models.face.model import FaceModel
from models.motion.motion import Float32Array, FloatArray
from models.motion.style_document import checked
from models.motion.style_features import FEATURES, features, signals
from models.motion.style_measure import HELD, UNKNOWNS, WEIGHTS, Footage, held_units, neutral_features
from models.motion.styles import Style
from models.take import Take
from models.whole_file import whole_file

LENGTHS: Final = (7.5, 10.2)  # seconds of the sentences that are used
SIZE: Final = 288  # pixels of the rendered videos
FIRST_SEED: Final = 1000
VARIETY: Final = 0.6  # deviation of the rendered people's identity and albedo
LEAST_GAIN, LEAST_CORRELATION = 0.15, 0.5  # a held unit that footage shows less than this is left out
NO_NOISE: Final = 0.05  # deviation that a feature has at least
USELESS: Final = 10.0  # deviation of a feature that footage does not show

_FACTORS: Final = {
    **{"lips": (0.45, 1.7), "jaw": (0.4, 1.7), "rounding": (0.5, 1.6), "width": (0.4, 1.7), "crispness": (0.65, 1.5)},
    **{"dynamics": (0.5, 1.5), "brows": (0.3, 1.8)},
}
_LATER_FACTORS: Final = {"head": (0.4, 1.7), "nods": (0.4, 1.8), "tempo": (0.55, 1.45)}
_MOODS: Final = (  # unit, how often, how strong at most
    *(("mouthSmile", 0.35, 0.5), ("mouthFrown", 0.25, 0.3), ("browDown", 0.25, 0.45), ("eyeSquint", 0.2, 0.2)),
    *(("eyeBlink", 0.15, 0.25), ("eyeWide", 0.1, 0.15), ("browOuterUp", 0.15, 0.15)),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the gauge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--speech", required=True, type=Path, help="folder of recordings")
    parser.add_argument("--work", required=True, type=Path, help="folder for takes and fits, which a later run re-uses")
    parser.add_argument("--takes", type=int, default=600)
    parser.add_argument("--videos", type=int, default=24)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    face_model = open_head.load()
    speeches = [hear(path) for path in sentences(options.speech)]
    print(f"{len(speeches)} sentences heard", flush=True)
    gauge = exact_gauge(speeches, face_model, options.takes)
    pairs = [video_pair(k, speeches[k % len(speeches)], face_model, options.work) for k in range(options.videos)]
    gauge |= video_gauge(pairs, face_model)
    with whole_file(options.out) as partial:
        save_file({name: array.astype(np.float32) for name, array in gauge.items()}, partial)


def sentences(folder: Path) -> list[Path]:
    """The recordings of middling length in `folder`."""
    found = [path for path in sorted(folder.iterdir()) if path.suffix in {".ogg", ".wav", ".flac"}]
    return [path for path in found if LENGTHS[0] < soundfile.info(str(path)).duration < LENGTHS[1]]


def random_style(generator: np.random.Generator) -> Style:
    """A style with every parameter drawn by itself."""

    def factor(low: float, high: float) -> float:
        return float(np.exp(generator.uniform(np.log(low), np.log(high))))

    mood: dict[str, float] = {}
    for unit, chance, strongest in _MOODS:
        if generator.random() < chance:
            mood |= dict.fromkeys((unit + "Left", unit + "Right"), float(generator.uniform(0.1, 1) * strongest))
    if generator.random() < 0.3:
        mood["browInnerUp"] = float(generator.uniform(0.05, 0.45))
    values: dict[str, Any] = {name: factor(*limits) for name, limits in _FACTORS.items()}
    values["blinks_per_minute"] = float(generator.uniform(4, 32))
    values["gaze"], values["aversion"] = factor(0.4, 1.7), float(generator.uniform(0, 0.7))
    values |= {name: factor(*limits) for name, limits in _LATER_FACTORS.items()}
    x, y, z = generator.normal(0, (2.5, 2, 2)).tolist()
    lean = float(generator.choice([0.04, 0.0, 0.15, 0.25]))
    return checked(Style("random", "", posture=(x, y, z), mood=mood, asymmetry=lean, **values))


def _person(identity: Float32Array, albedo: Float32Array, texture: NDArray[np.uint8]) -> Person:
    return Person(identity, albedo, np.zeros(27, np.float32), texture, None)


def unknowns_of(style: Style) -> FloatArray:
    """The row (`UNKNOWNS`,) of a style."""
    return np.log([getattr(style, name) for name in UNKNOWNS])


def exact_gauge(speeches: Sequence[Speech], face_model: FaceModel, takes: int) -> dict[str, FloatArray]:
    """What `style_measure.Gauge` holds, by least squares over `takes` random takes."""
    person = _person(np.zeros(80, np.float32), np.zeros(80, np.float32), np.zeros((1, 1, 3), np.uint8))
    neutral = np.array([neutral_features(s.phones, s.loudness, s.seconds, face_model) for s in speeches])
    rows, styles = [], []
    for k in range(takes):
        style = random_style(np.random.default_rng(10 * FIRST_SEED + k))
        take = perform(speeches[k % len(speeches)], person, face_model, style=style, seed=k)
        rows.append(features(signals(take.coefficients, face_model)))
        styles.append(unknowns_of(style))
    own = (neutral - neutral.mean(axis=0))[np.arange(takes) % len(speeches)]
    effect, base, noise = _regression(np.array(styles), np.array(rows))
    _, _, noise_spoken = _regression(np.array(styles), np.array(rows) - own)
    return {
        "effect": effect,
        "base": base,
        "noise": noise,
        "neutral": neutral.mean(axis=0),
        "noise_spoken": noise_spoken,
    }


def _regression(styles: FloatArray, rows: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Effect (11, F), base (F,) and covariance (F, F) of what they leave unexplained."""
    known = np.column_stack([styles, np.ones(len(styles))])
    solution = np.linalg.lstsq(known, rows, rcond=None)[0]
    left = rows - known @ solution
    noise = left.T @ left / (len(rows) - known.shape[1]) + NO_NOISE**2 * np.eye(len(FEATURES))
    return solution[:-1], solution[-1], noise


def video_pair(k: int, speech: Speech, face_model: FaceModel, work: Path) -> tuple[Float32Array, Float32Array]:
    """Coefficients (T, 257) of a random take, and those measured on its video."""
    generator = np.random.default_rng(FIRST_SEED + k)
    style = random_style(generator)
    identity, albedo = (VARIETY * generator.normal(size=(2, 80))).astype(np.float32)
    person = _person(identity, albedo, albedo_texture(face_model, albedo, 512))
    take = perform(speech, person, face_model, style=style, seed=k)
    fitted = work / f"{k:03d}.npy"
    if not fitted.exists():
        with whole_file(fitted) as partial, partial.open("wb") as file:
            np.save(file, _seen(take, person, face_model, work / f"{k:03d}.mp4"))
        print(f"video {k} measured", flush=True)
    return take.coefficients, np.asarray(np.load(fitted), np.float32)


def _seen(take: Take, person: Person, face_model: FaceModel, video: Path) -> Float32Array:
    write_video(video, render_frames(take, face_model, person.texture, SIZE), take.fps)
    track = follow_face(stream_pictures(video, 60.0), MediaPipeDetector())
    video.unlink()
    return fit_track(track, face_model)


def video_gauge(pairs: Sequence[tuple[Float32Array, Float32Array]], face_model: FaceModel) -> dict[str, FloatArray]:
    """What the way through a video does to each feature and to each held unit."""
    names = face_model.expression_names
    clips = [[signals(c, face_model) for c in pair] for pair in pairs]
    rows = np.array([[features(clip) for clip in pair] for pair in clips])  # (videos, 2, F)
    held = np.array([[list(held_units(clip, names).values()) for clip in pair] for pair in clips])
    footage = np.array([_footage(rows[:, 0, i], rows[:, 1, i]) for i in range(len(FEATURES))])
    moods = np.array([_held(held[:, 0, i], held[:, 1, i]) for i in range(len(HELD))])
    gauge = {f"video_{name}": footage[:, i] for i, name in enumerate(("gain", "floor", "noise"))}
    return gauge | {f"mood_{name}": moods[:, i] for i, name in enumerate(("gain", "base", "noise"))}


def _footage(true: FloatArray, seen: FloatArray) -> tuple[float, float, float]:
    """gain, floor and noise of a feature, as `style_measure.Footage` has them."""

    def misses(logarithms: FloatArray) -> FloatArray:
        return np.asarray(0.5 * np.logaddexp(2 * (logarithms[0] + true), 2 * logarithms[1]) - seen)

    start = [float(np.mean(seen - true)), float(seen.min()) - 1.0]
    gain, floor = np.exp(least_squares(misses, start, loss="soft_l1", f_scale=0.2).x)
    column = Footage(np.array(gain), np.array(floor), np.array(0.0))
    back = np.array([column.corrected(value) for value in seen])
    noise = float(np.sqrt(np.mean((back - true) ** 2)))
    shown = np.corrcoef(back, true)[0, 1] >= LEAST_CORRELATION
    return float(gain), float(floor), max(noise, NO_NOISE) if shown else USELESS


def _held(true: FloatArray, seen: FloatArray) -> tuple[float, float, float]:
    """gain, base and deviation of `seen` = gain · `true` + base; gain 0 where footage does not show the unit."""
    if np.ptp(true) < 1e-6:
        return 0.0, float(seen.mean()), float(seen.std())
    gain, base = np.polyfit(true, seen, 1)
    left = float(np.sqrt(((seen - np.polyval((gain, base), true)) ** 2).sum() / max(len(true) - 2, 1)))
    shown = gain >= LEAST_GAIN and np.corrcoef(true, seen)[0, 1] >= LEAST_CORRELATION
    return float(gain) if shown else 0.0, float(base), left


if __name__ == "__main__":
    main()
