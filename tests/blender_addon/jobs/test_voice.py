import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from blender_addon.trouble import ClientError


@pytest.fixture
def strip(blender: Any, tmp_path: Path) -> Any:
    """Four seconds: a tone that rises, so that every moment is its own."""
    from blender_addon.building.scene import add_sound

    seconds = np.arange(4 * 16000) / 16000
    soundfile.write(tmp_path / "tone.wav", 0.4 * np.sin(2 * np.pi * (200 + 200 * seconds) * seconds), 16000)
    blender.context.scene.render.fps = 25
    return add_sound(blender.context.scene, tmp_path / "tone.wav", 1)


def test_an_untrimmed_strip_is_its_file(blender: Any, strip: Any, tmp_path: Path) -> None:
    from blender_addon.jobs.voice import voice_of_strip

    assert voice_of_strip(blender.context.scene, strip, tmp_path / "cache")() == tmp_path / "tone.wav"


@pytest.mark.parametrize("has_aud", [True, False])
def test_what_is_trimmed_away_is_not_spoken(
    blender: Any, strip: Any, tmp_path: Path, has_aud: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from blender_addon.jobs.voice import voice_of_strip

    if not has_aud:  # as in builds without Python's side of the sound library
        monkeypatch.setitem(sys.modules, "aud", None)
    strip.frame_final_start, strip.frame_final_end = 26, 76
    path = voice_of_strip(blender.context.scene, strip, tmp_path / "cache")()
    cut, rate = soundfile.read(path, always_2d=True)
    cut = cut.mean(axis=1)
    assert rate in {16000, 48000} and 0 <= len(cut) - 2 * rate < 1024  # the last buffer may be filled up
    seconds = 1 + np.arange(2 * rate) / rate
    expected = 0.4 * np.sin(2 * np.pi * (200 + 200 * seconds) * seconds)
    assert np.corrcoef(cut[: 2 * rate], expected)[0, 1] > 0.99
    assert len(blender.data.scenes) == 1 and list(blender.data.sounds) == [strip.sound]
    assert voice_of_strip(blender.context.scene, strip, tmp_path / "cache")() == path


def test_a_packed_sound_is_written(blender: Any, strip: Any, tmp_path: Path) -> None:
    from blender_addon.jobs.voice import voice_of_strip

    before = (tmp_path / "tone.wav").read_bytes()
    strip.sound.pack()
    (tmp_path / "tone.wav").unlink()
    path = voice_of_strip(blender.context.scene, strip, tmp_path / "cache")()
    assert path.name == "tone.wav" and path.read_bytes() == before


def test_a_sound_that_is_gone_is_named(blender: Any, strip: Any, tmp_path: Path) -> None:
    from blender_addon.jobs.voice import voice_of_strip

    (tmp_path / "tone.wav").unlink()
    with pytest.raises(ClientError, match=r"tone\.wav is not there"):
        voice_of_strip(blender.context.scene, strip, tmp_path / "cache")


def test_the_head_speaks_where_the_strip_lies(blender: Any, strip: Any, tmp_path: Path) -> None:
    from blender_addon import registration
    from blender_addon.jobs.choices import missing, order_of

    registration.register()
    try:
        scene = blender.context.scene
        settings = scene.style_avatar
        settings.voice_source, settings.face_source = "STRIP", "AVERAGE"
        assert missing(settings, scene) == "Choose a sound strip as the voice."
        settings.voice_strip = "gone"
        assert "gone is not in this scene" in missing(settings, scene)
        settings.voice_strip, strip.frame_final_start = strip.name, 26
        assert missing(settings, scene) == ""
        order = order_of(settings, scene)
        assert (order.first_frame, order.frames, order.audio) == (26, 75, None)
    finally:
        registration.unregister()


def test_a_cut_without_any_sound_library_says_why(
    blender: Any, strip: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from blender_addon.jobs import voice

    monkeypatch.setitem(sys.modules, "aud", None)
    monkeypatch.setattr(voice, "has_sound", lambda: False)
    cut = voice.voice_of_file(tmp_path / "tone.wav", voice.Cut(1.0, 2.0), "tone", tmp_path / "cache")
    with pytest.raises(ClientError, match=r"came without its module aud.*Render the strip"):
        cut()
