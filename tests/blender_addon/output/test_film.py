"""A film is rendered by a second Blender and judged by what is in the file."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile
from blender_addon.output.film import Film

FRAMES = 5
STUBBORN = [sys.executable, "-c", "import time; print('RENDERED 1 4', flush=True); time.sleep(60)", "{settings}"]
FAILING = [sys.executable, "-c", "print('no graphics card'); raise SystemExit(3)", "{settings}"]


@pytest.fixture
def blend(tmp_path: Path) -> Path:
    (tmp_path / "copy").mkdir()
    path = tmp_path / "copy" / "scene.blend"
    path.write_bytes(b"")
    return path


def test_a_film_has_picture_and_sound(blender: Any, head: HeadFile, take: TakeFile, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    from blender_addon.building.build import Options, Timer, build
    from blender_addon.output import rendering

    soundfile.write(tmp_path / "voice.wav", 0.3 * np.sin(np.arange(25600) / 20), 16000)
    build(head, take, Options(audio=tmp_path / "voice.wav"), Timer(lambda *_: None))
    scene = blender.context.scene
    scene.frame_end = scene.frame_start + FRAMES - 1
    scene.render.resolution_x = scene.render.resolution_y = 64
    film = rendering.begin(scene, tmp_path / "out" / "film.mp4", engine="CYCLES", height=33, samples=1)
    film.wait(100)
    assert film.trouble is None, film.trouble
    assert (film.done, film.total, film.finished) == (FRAMES, FRAMES, True)
    assert [one.name for one in film.output.parent.iterdir()] == ["film.mp4"]
    with av.open(str(film.output)) as opened:
        video, audio = opened.streams.video[0], opened.streams.audio[0]
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        assert (video.width, video.height) == (34, 34)  # H.264 takes even sizes only
        pictures = [frame.to_ndarray(format="gray") for frame in opened.decode(video)]
        opened.seek(0)
        sound = np.concatenate([frame.to_ndarray().ravel() for frame in opened.decode(audio)])
    assert len(pictures) == FRAMES and np.ptp(pictures[0]) > 30
    assert np.abs(sound).max() > 0.1


def test_cancelling_leaves_nothing(blend: Path, tmp_path: Path) -> None:
    film = Film(STUBBORN, blend, tmp_path / "film.mp4", {})
    film.cancel()
    film.wait(20)
    assert film.finished and film.cancelled and film.trouble is None
    assert not (tmp_path / "film.mp4").exists() and not blend.parent.exists()


def test_failing_says_what_to_do_and_keeps_the_words_for_the_report(blend: Path, tmp_path: Path) -> None:
    film = Film(FAILING, blend, tmp_path / "film.mp4", {})
    film.wait(20)
    assert film.trouble is not None and "Cycles" in film.trouble.advice
    assert "exit code 3" in film.trouble.details and "no graphics card" in film.trouble.details


def test_the_renderer_ends_with_its_blender(blender: Any, tmp_path: Path) -> None:
    from blender_addon.output.rendering import command

    blend, order, output = (tmp_path / name for name in ("scene.blend", "render.json", "film.mp4"))
    scene = blender.context.scene
    scene.camera = blender.data.objects.new("Camera", blender.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.frame_end = 100_000
    blender.ops.wm.save_as_mainfile(filepath=str(blend), copy=True)
    settings = {"output": str(output), "engine": "CYCLES", "height": 32, "samples": 1, "scene": scene.name}
    order.write_text(json.dumps(settings))
    words = [word.replace("{blend}", str(blend)).replace("{settings}", str(order)) for word in command()]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        assert any(line.startswith("RENDERED 2 ") for line in process.stdout)
        process.stdin.close()  # what the system does when a Blender dies
        assert process.wait(20) == 1
    finally:
        process.kill()
    assert not output.exists() and not order.exists() and not blend.exists()
