"""How near a learned subject's moving texture comes to a clip's second half, beside the best still texture: one table.

    python benchmarks/subject.py [--people 3] [--seconds 3] [--size 384] [--tune] [--memory] [--work DIR]
                                 [--sheet sheet.jpg] [--json]

The clips are made here: random heads whose skin folds with the expression, under the preview's studio lights, with
grain and wandering exposure, as H.264 (`backend.evaluation.wrinkled_person`). The learner sees the file alone. It
learns on the first half; the second half's pose, expression and exposure are fitted to its pictures, for both textures
alike. *True coefficients* is the same learner with the poses and expressions that the clip was made with: what better
fits could bring. *Skin that truly changes*: pixels of texels whose true texture varies by more than 4 of 255
(deviation) over the clip; *skin learned to change*: by more than that in the learned texture over the first half.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from backend.crop import Crop
from backend.evaluation.wrinkled_person import WrinkledPerson, film, performance, wrinkled_person
from backend.landmarks import MediaPipeDetector
from backend.preview.frames import framing
from backend.style.face_track import Track
from backend.subject.evaluate import CHANGES, Region, Scores, changing_texels, evaluate
from backend.subject.evaluate import MOST_PICTURES as EVALUATED
from backend.subject.folder import calm_picture
from backend.subject.learn import Learned, learn, spread
from backend.subject.pipeline import refined
from backend.subject.shot import Shot, follow_clip, lit, shot_of
from backend.subject.tune import KINDS, tuned_half
from models.coefficients import EXPRESSION, IDENTITY, TRANSLATION, Float32Array
from models.face import open_head
from models.face.camera import PAPER_FOCAL, PAPER_SIZE
from models.render import deferred

AIM = "≥ +3 dB where the skin changes"
TEXELS = 512
LONGER = 4  # times as long is the clip that memory is measured on, too
PEAK = """
import sys
from pathlib import Path
from backend.subject.pipeline import SubjectRequest, learn_subject
learn_subject(SubjectRequest(Path(sys.argv[1]), Path(sys.argv[2])))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
REGIONS = ("skin that truly changes", "skin learned to change", "face", "head")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=3, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="seed of the first one (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a clip (default: %(default)s)")
    parser.add_argument("--size", type=int, default=384, help="pixels a side (default: %(default)s)")
    parser.add_argument("--tune", action="store_true", help="tune the neural renderer on each person, too")
    parser.add_argument("--memory", action="store_true", help="measure memory over length, too")
    parser.add_argument("--work", type=Path, help="folder for clips and results, which a later run re-uses")
    parser.add_argument("--sheet", type=Path, help="write a picture: clip, still and moving texture")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = options.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        rows = []
        for seed in range(options.first, options.first + options.people):
            rows += list(measured(seed, options, work))
        peaks = memory(options.first, options, work) if options.memory else []
    if options.json:
        print(json.dumps({"machine": machine(), "rows": rows, "memory": peaks}, ensure_ascii=False, indent=1))
        return
    print(f"{machine()}; {options.seconds:g} s clips of {options.size}², aim {AIM}\n")
    print_table(rows)
    for seconds, peak in peaks:
        print(f"peak memory of `subject learn` on {seconds:g} s: {peak:.0f} MiB")


def filmed(seed: int, seconds: float, size: int, work: Path) -> Path:
    """The clip of a person, made where the work folder has none."""
    face_model, clip = open_head.load(), work / f"{seed}_{seconds:g}_{size}.mp4"
    if not clip.exists():
        film(wrinkled_person(face_model, seed), performance(face_model, seconds, seed), clip, size=size, seed=seed)
    return clip


def measured(seed: int, options: argparse.Namespace, work: Path) -> Iterator[dict[str, Any]]:
    """Two rows, fitted and true coefficients, from the work folder where it has them."""
    face_model, seconds, size = open_head.load(), options.seconds, options.size
    name = f"{seed}_{seconds:g}_{size}"
    person, truth = wrinkled_person(face_model, seed), performance(face_model, seconds, seed)
    track = None
    for kind in ("fitted", "true coefficients"):
        tunes = options.tune and kind == "fitted"
        kept = work / f"{name}_{kind.replace(' ', '_')}{'_tuned' if tunes else ''}.json"
        if not kept.exists():
            clip = filmed(seed, seconds, size, work)
            track = track or follow_clip(clip, face_model, MediaPipeDetector())[0]
            began, used = time.perf_counter(), time.process_time()
            half, everything = range(len(track.points) // 2), range(len(track.points))
            if kind == "fitted":
                shot = shot_of(clip, track, face_model, known=len(half))
                shot = refined(shot, half, everything)
            else:
                shot = true_shot(clip, track, person, truth, size)
            learned, scores = judged(shot, person)
            row = {
                "person": seed,
                "kind": kind,
                "seconds": seconds,
                "components": list(learned.texture.names),
                "explained": learned.explained,
                "scores": scores.facts(),
                "took": round(time.perf_counter() - began, 1),
                "processor": round(time.process_time() - used, 1),
            }
            if tunes:
                row["tuning"] = tuning(shot, learned)
            kept.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
            if options.sheet is not None and kind == "fitted":
                Image.fromarray(np.vstack(scores.examples)).save(options.sheet, quality=88)
        yield json.loads(kept.read_text(encoding="utf-8"))


def judged(shot: Shot, person: WrinkledPerson) -> tuple[Learned, Scores]:
    """What the first half of `shot` teaches, against its second half."""
    count = len(shot.seconds)
    learned = learn(shot, range(count // 2), TEXELS)
    return learned, evaluate(shot, learned, range(count // 2, count), regions_of(shot, learned, person))


def tuning(shot: Shot, learned: Learned) -> dict[str, Any]:
    """The neural renderer tuned on what `learned` knows, drawing the second half beside the shipped one."""
    count = len(shot.seconds)
    second = spread(range(count // 2, count), EVALUATED)
    return tuned_half(shot, learned, calm_picture(shot, learned), second, deferred.load())


def memory(seed: int, options: argparse.Namespace, work: Path) -> list[tuple[float, float]]:
    """Seconds of a clip and the peak resident set, in MiB, of a process that learns from it."""
    peaks = []
    for seconds in (options.seconds, LONGER * options.seconds):
        clip = filmed(seed, seconds, options.size, work)
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-c", PEAK, str(clip), str(Path(folder) / "me")]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        peaks.append((seconds, int(said.split()[-1]) / 1024))
    return peaks


def regions_of(shot: Shot, learned: Learned, person: WrinkledPerson) -> dict[str, Region]:
    """What `REGIONS` name."""
    truly = true_change(person, shot.coefficients[::3, EXPRESSION])
    found = changing_texels(learned, shot.coefficients[list(learned.indices), EXPRESSION])
    face = (learned.trust > 0.5).astype(np.float32)
    images = dict(zip(REGIONS, (truly, found, face), strict=False))
    drawn: dict[str, Region] = {
        name: lambda _, placed, image=image: placed.sampled(image)  # type: ignore[misc]
        for name, image in images.items()
    }
    return drawn | {"head": lambda _, placed: placed.head}


def true_change(person: WrinkledPerson, expressions: Float32Array) -> Float32Array:
    """(S, S) 1 where the person's own texture varies over `expressions` (T, 64) by more than `CHANGES`."""
    textures = np.stack([person.texture(row) for row in expressions]).astype(np.float32)
    return (textures.std(axis=0).mean(axis=-1) > CHANGES).astype(np.float32)


def true_shot(clip: Path, track: Track, person: WrinkledPerson, truth: Float32Array, size: int) -> Shot:
    """The clip with the coefficients that it was made with, in the camera that it was made with."""
    camera, aim = framing(person.face_model.shape(person.identity), size)
    coefficients = truth.copy()
    coefficients[:, IDENTITY] = person.identity
    coefficients[:, TRANSLATION] -= aim
    crop = Crop.around(size / 2, size / 2, PAPER_SIZE * camera.focal / PAPER_FOCAL)
    seconds = np.array(track.seconds)
    coefficients = coefficients[np.rint(25 * seconds).astype(int)]
    shot = Shot(clip, person.face_model, coefficients, crop, track.points, seconds)
    return lit(shot, range(len(seconds) // 2))


def print_table(rows: list[dict[str, Any]]) -> None:
    """PSNR and SSIM of both textures, and the difference in decibels."""
    print(f"| person | coefficients | components | {' | '.join(REGIONS)} |")
    print("|---|---|---|" + "---|" * len(REGIONS))
    for row in rows:
        cells = [cell(row["scores"].get(region)) for region in REGIONS]
        print(f"| {row['person']} | {row['kind']} | {len(row['components'])} | {' | '.join(cells)} |")
    for kind in ("fitted", "true coefficients"):
        some = [row["scores"] for row in rows if row["kind"] == kind]
        means = [f"{np.mean([gain(scores, region) for scores in some]):+.1f} dB" for region in REGIONS]
        print(f"| mean | {kind} | | {' | '.join(means)} |")
    tuned = [row for row in rows if "tuning" in row]
    if tuned:
        print_tuning(tuned)
    cost = np.mean([row["processor"] for row in rows if row["kind"] == "fitted"])
    print(f"\n{cost:.0f} s of processor time a clip for fitting, learning on half of it, and drawing the other half")


def print_tuning(rows: list[dict[str, Any]]) -> None:
    """PSNR and SSIM of the neural renderer with the still and the moving texture, and tuned."""
    regions = ("face", "eyes and mouth")
    print(f"\n| person | steps | neural renderer, {' | '.join(regions)} |\n|---|---|" + "---|" * len(regions))
    for row in rows:
        halves = row["tuning"]["second_half"]
        cells = [
            " → ".join(f"{halves[region][kind]['psnr']:.1f}" for kind in KINDS)
            + f" dB, {halves[region]['tuned']['ssim']:.3f}"
            for region in regions
        ]
        print(f"| {row['person']} | {row['tuning']['steps']} | {' | '.join(cells)} |")
    print(f"({' → '.join(KINDS)}; SSIM of the last)")


def cell(kinds: dict[str, dict[str, float]] | None) -> str:
    if kinds is None:
        return "–"
    still, moving = kinds["still"], kinds["dynamic"]
    return (
        f"{still['psnr']:.1f} → {moving['psnr']:.1f} dB ({moving['psnr'] - still['psnr']:+.1f}), "
        f"{still['ssim']:.3f} → {moving['ssim']:.3f}"
    )


def gain(scores: dict[str, Any], region: str) -> float:
    kinds = scores.get(region)
    return float(kinds["dynamic"]["psnr"] - kinds["still"]["psnr"]) if kinds else float("nan")


def machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
