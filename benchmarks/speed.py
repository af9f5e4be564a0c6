"""How fast the chain is, and how much memory it takes: one table.

    python benchmarks/speed.py [--seconds 60] [--json]

Everything runs on the bundled voice (repeated to the wanted length) and scikit-image's astronaut, so the figures can be
had anywhere. Each figure is the best of several runs after one that warms up; memory is the peak resident set of a
fresh process per length, audio → take, photo not included.
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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from backend.delivery import DEMO_VOICE
from backend.media import SAMPLE_RATE, read_audio

AIMS = {
    "audio → take": "≥ 50×",
    "rasteriser 512²": "≥ 60 fps",
    "photo → head": "≤ 5 s",
    "take → Blender": "≤ 1 s",
    "peak memory 10 min / 10 s": "≤ 1.1",
}

PEAK_OF_A_PERFORMANCE = """
import json, resource, sys
from pathlib import Path
from backend.synthesis import default_person, hear, perform
from models.face import open_head
face_model = open_head.load()
take = perform(hear(Path(sys.argv[1])), default_person(face_model), face_model)
print(json.dumps({"frames": len(take.coefficients), "kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the voice (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measure(Path(folder), options.seconds))
    if options.json:
        print(json.dumps({"machine": machine(), "rows": rows}, ensure_ascii=False, indent=1))
        return
    print(f"{machine()}\n\n| what | measured | aim |\n|---|---|---|")
    for row in rows:
        print(f"| {row['what']} | {row['measured']} | {row['aim']} |")


def measure(folder: Path, seconds: float) -> Iterator[dict[str, Any]]:
    """One row after the other."""
    voice = repeated_voice(folder / "voice.wav", seconds)
    yield from measure_speech(voice, seconds)
    yield from measure_pictures()
    yield measure_blender(folder, voice)
    yield measure_memory(folder)


def measure_speech(voice: Path, seconds: float) -> Iterator[dict[str, Any]]:
    from backend.synthesis import default_person, hear, perform
    from models.face import open_head
    from models.speech.phonetic import PhoneticEncoder

    face_model = open_head.load()
    encoder, waveform = PhoneticEncoder.load(), read_audio(voice)
    took = best(lambda: encoder.posteriors(waveform))
    yield row("speech encoder", f"{seconds / took:.0f}× real time (RTF {took / seconds:.4f})")
    person, speech = default_person(face_model), hear(voice, encoder=encoder)
    took = best(lambda: perform(speech, person, face_model))
    yield row("motion", f"{seconds / took:.0f}× real time (RTF {took / seconds:.4f})")
    took = best(lambda: perform(hear(voice, encoder=encoder), person, face_model))
    yield row("audio → take", f"{seconds / took:.0f}× real time (RTF {took / seconds:.4f})")


def measure_pictures() -> Iterator[dict[str, Any]]:
    from skimage import data

    from backend.preview.frames import render_frames
    from backend.raster.rasterizer import Rasterizer
    from backend.synthesis import default_person, meet
    from models.face import open_head
    from models.face.camera import Camera, place

    face_model = open_head.load()
    camera, rasterizer = Camera.paper(512), Rasterizer(face_model.triangles, 512)
    turns = np.linspace(-0.4, 0.4, 30, dtype=np.float32)
    clips = [camera.clip(place(face_model.mean_shape, np.array([0, turn, 0]), np.zeros(3))) for turn in turns]

    def draw_all() -> None:
        for clip in clips:
            rasterizer.draw(clip)

    took = best(draw_all)
    yield row("rasteriser 512²", f"{len(clips) / took:.0f} fps ({len(face_model.triangles):,} triangles)")

    take = still_take(face_model, 50)
    texture = default_person(face_model).texture
    took = best(lambda: sum(1 for _ in render_frames(take, face_model, texture)), runs=2)
    yield row("preview 512², lit and textured", f"{50 / took:.0f} fps")

    astronaut = data.astronaut()
    took = best(lambda: meet(astronaut, face_model), runs=2)
    yield row("photo → head", f"{took:.1f} s, texture included")


def measure_blender(folder: Path, voice: Path) -> dict[str, Any]:
    from backend.blender import build_scene
    from models import take as take_file
    from models.face import open_head

    face_model = open_head.load()
    take_file.save(still_take(face_model, 1500), folder / "take.npz")
    result = build_scene(face_model, folder / "take.npz", targets={"blend": folder / "head.blend"}, audio=voice)
    stages = result["seconds"]
    build = {name: took for name, took in stages.items() if name not in {"read", "blend"}}
    detail = ", ".join(f"{name} {took:.2f}" for name, took in stages.items())
    return row("take → Blender", f"{sum(build.values()):.2f} s for 1,500 frames ({detail} s)")


def measure_memory(folder: Path) -> dict[str, Any]:
    peaks = {seconds: peak_mebibytes(repeated_voice(folder / f"{seconds}.wav", seconds)) for seconds in (10, 600)}
    ratio = peaks[600] / peaks[10]
    return row("peak memory 10 min / 10 s", f"{ratio:.2f} ({peaks[600]:.0f} / {peaks[10]:.0f} MiB)")


def peak_mebibytes(voice: Path) -> float:
    command = [sys.executable, "-c", PEAK_OF_A_PERFORMANCE, str(voice)]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(finished.stdout.splitlines()[-1])["kib"]) / 1024


def still_take(face_model: Any, frames: int) -> Any:
    """A take whose 64 expressions and pose all move, so that nothing can be skipped."""
    from models.coefficients import assemble
    from models.take import Take

    time_axis = np.linspace(0, 20, frames, dtype=np.float32)[:, None]
    wave = 0.5 + 0.5 * np.sin(time_axis + np.arange(64, dtype=np.float32))
    pose = 0.05 * np.sin(time_axis + np.arange(3, dtype=np.float32))
    zeros = np.zeros(80, np.float32)
    coefficients = assemble(zeros, 0.2 * wave, zeros, pose, np.zeros(27, np.float32), pose)
    return Take(coefficients, 25.0, {"face_model": {"name": face_model.name, "sha256": face_model.sha256}})


def repeated_voice(path: Path, seconds: float) -> Path:
    waveform = read_audio(DEMO_VOICE)
    repeats = int(np.ceil(seconds * SAMPLE_RATE / len(waveform)))
    soundfile.write(path, np.tile(waveform, repeats)[: int(seconds * SAMPLE_RATE)], SAMPLE_RATE)
    return path


def best(work: Callable[[], Any], runs: int = 3) -> float:
    """Seconds of the fastest of `runs`, after one that is not counted."""
    work()
    took = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return min(took)


def row(what: str, measured: str) -> dict[str, Any]:
    return {"what": what, "measured": measured, "aim": AIMS.get(what, "")}


def machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
