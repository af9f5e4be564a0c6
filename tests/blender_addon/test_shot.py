"""The shot's command line, in a process of its own, with tiny pictures."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("bpy")
TINY = ("--engine", "cycles", "--samples", "1", "--size", "48x32")


def call(head: Path, take: Path, out: Path, *arguments: object) -> tuple[int, dict[str, Any], str]:
    """Exit code, result and error of one shot."""
    words = [sys.executable, "-m", "blender_addon.shot", "--head", head, "--take", take, "--out", out, *arguments]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"files')]
    errors = [json.loads(line)["error"] for line in done.stderr.splitlines() if line.startswith('{"error')]
    return done.returncode, said[-1] if said else {}, errors[-1] if errors else done.stderr


@pytest.fixture
def artists_file(blender: Any, tmp_path: Path) -> Path:
    """A scene of 24 frames per second that begins at 10, with a second camera and an empty for the head."""
    scene = blender.context.scene
    scene.render.fps, scene.frame_start = 24, 10
    scene.render.engine, scene.cycles.samples = "CYCLES", 3
    scene.render.resolution_x, scene.render.resolution_y = 64, 32
    for name, x in (("Wide", 0.0), ("Away", 50.0)):
        camera = blender.data.objects.new(name, blender.data.cameras.new(name))
        camera.location, camera.rotation_euler = (x + 2.0, -1.0, 1.0), (np.pi / 2, 0, 0)
        scene.collection.objects.link(camera)
    place = blender.data.objects.new("Head", None)
    place.location = (2.0, 0.0, 1.0)
    lamp = blender.data.objects.new("Own lamp", blender.data.lights.new("Own lamp", "SUN"))
    for one in (place, lamp):
        scene.collection.objects.link(one)
    scene.camera = scene.objects["Wide"]
    blender.ops.wm.save_as_mainfile(filepath=str(tmp_path / "own.blend"), copy=True)
    return tmp_path / "own.blend"


def test_pictures_of_a_set_with_nothing_behind_the_head(head_path: Path, take_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "pictures"
    code, result, error = call(head_path, take_path, out, *TINY, "--frames", "39-99", "--transparent")
    assert code == 0, error
    assert (result["frames"], result["fps"], result["size"], result["engine"]) == (2, 25, [48, 32], "CYCLES")
    assert sorted(one.name for one in out.iterdir()) == ["000039.png", "000040.png"]
    picture = np.asarray(Image.open(out / "000039.png")).astype(int)
    assert picture[0, 0, 3] == 0 and picture[16, 24, 3] == 255 and picture[16, 24, :3].mean() > 40


def test_the_artists_file_keeps_its_camera_rate_and_light(
    artists_file: Path, head_path: Path, take_path: Path, tmp_path: Path
) -> None:
    words = ("--scene", artists_file, "--frames", "1-1", "--size", "100%")
    code, result, error = call(head_path, take_path, tmp_path / "pictures", *words)
    assert code == 0, error
    assert (result["fps"], result["camera"], result["size"], result["notes"]) == (24, "Wide", [64, 32], [])
    (picture,) = (tmp_path / "pictures").iterdir()
    assert picture.name == "000010.png"
    assert np.asarray(Image.open(picture))[16, 32, :3].mean() > 60  # the head stands at the empty, in the sun


def test_a_head_out_of_the_picture_is_told(
    artists_file: Path, head_path: Path, take_path: Path, tmp_path: Path
) -> None:
    words = ("--scene", artists_file, "--camera", "Away", "--frames", "1-1", "--size", "16x16", "--light", "rim")
    code, result, error = call(head_path, take_path, tmp_path / "pictures", *words)
    assert code == 0, error
    assert result["camera"] == "Away" and "'Away' does not look at the head" in result["notes"][0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--camera", "Close"), "no camera 'Close'; its cameras: Away, Wide"),
        (("--place", "Chair"), "no object 'Chair'"),
        (("--size", "big"), "--size takes WIDTHxHEIGHT"),
        (("--frames", "90-95"), "the take has 39 frames here"),
        (("--frames", "5-2"), "--frames takes FIRST-LAST"),
        (("--light", "moon"), "no light or panorama 'moon'"),
    ],
)
def test_unusable_words_are_named(
    artists_file: Path, head_path: Path, take_path: Path, tmp_path: Path, words: tuple[str, str], said: str
) -> None:
    from blender_addon import shot

    options = shot.build_parser().parse_args(
        [
            *("--head", str(head_path), "--take", str(take_path), "--out", str(tmp_path / "p")),
            *("--scene", str(artists_file), *words),
        ]
    )
    with pytest.raises((ValueError, FileNotFoundError), match=said):
        shot.run(options, lambda *_: None)
    assert not (tmp_path / "p").exists()


def test_a_scene_without_a_camera(blender: Any, tmp_path: Path) -> None:
    from blender_addon.stage.scene_file import SceneFileError, choose_camera

    scene = blender.context.scene
    with pytest.raises(SceneFileError, match="no active camera; add one"):
        choose_camera(scene, None)
    scene.collection.objects.link(blender.data.objects.new("Spare", blender.data.cameras.new("Spare")))
    with pytest.raises(SceneFileError, match="it has Spare: choose one with --camera"):
        choose_camera(scene, None)


def test_what_blender_cannot_open_is_told(blender: Any, tmp_path: Path) -> None:
    from blender_addon.stage.scene_file import SceneFileError, open_scene

    (tmp_path / "newer.blend").write_bytes(b"BLENDER99-99v9900" + bytes(200))
    with pytest.raises(SceneFileError, match=r"cannot open .*newer\.blend.* --blender"):
        open_scene(tmp_path / "newer.blend")
    with pytest.raises(SceneFileError, match=r"no \.blend file"):
        open_scene(tmp_path / "gone.blend")


def test_a_file_of_a_newer_blender_is_told(blender: Any, monkeypatch: pytest.MonkeyPatch, artists_file: Path) -> None:
    from blender_addon import compat
    from blender_addon.stage.scene_file import open_scene

    assert open_scene(artists_file) == ""
    monkeypatch.setattr(compat, "newer_file", lambda: "9.1")
    assert "saved by Blender 9.1" in open_scene(artists_file)


def test_cycles_stands_in_where_there_is_no_card(blender: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from blender_addon.stage import engine

    monkeypatch.setattr(engine, "has_card", lambda: False)
    assert engine.chosen_engine("auto") == ("CYCLES", engine.NO_CARD)
    assert engine.chosen_engine("eevee") == ("EEVEE", "")
    monkeypatch.setattr(engine, "has_card", lambda: True)
    assert engine.chosen_engine("auto") == ("EEVEE", "")


def test_without_a_card_cycles_takes_fewer_samples_and_denoises_in_the_quick_way(
    blender: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But an artist's file renders as it says."""
    from blender_addon import compat
    from blender_addon.stage import engine

    monkeypatch.setattr(compat, "has_denoiser", lambda: False)
    assert engine.samples_of("CYCLES", False) == engine.samples_of("CYCLES", True) >= 64
    monkeypatch.setattr(compat, "has_denoiser", lambda: True)
    assert engine.samples_of("CYCLES", False) < engine.samples_of("CYCLES", True) < 64
    assert engine.samples_of("EEVEE", False) == engine.samples_of("EEVEE", True)
    scene = blender.context.scene
    scene.cycles.use_denoising, scene.cycles.denoising_quality = False, "HIGH"
    engine.denoise(scene, own=True, on_card=False)
    assert (scene.cycles.use_denoising, scene.cycles.denoising_quality) == (False, "HIGH")
    engine.denoise(scene, own=False, on_card=True)
    assert (scene.cycles.use_denoising, scene.cycles.denoising_quality) == (True, "HIGH")
    engine.denoise(scene, own=False, on_card=False)
    assert (scene.cycles.use_denoising, scene.cycles.denoising_quality) == (True, "FAST")
