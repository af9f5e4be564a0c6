import hashlib

import numpy as np
import pytest

from backend.media import VideoError, write_video
from backend.preview.frames import render_frames
from backend.style.measure import measure_style
from backend.texture.unwrap import albedo_texture
from models import take as take_file
from models.coefficients import EXPRESSION
from models.face import open_head
from models.motion.motion import MotionError
from models.motion.style_choice import chosen_style
from models.motion.style_file import save, to_json
from models.motion.styles import STYLES
from models.take import Take
from tests.models.motion.test_style_measure import take

FACE = open_head.load()
META = {"face_model": {"name": "open_head", "sha256": FACE.sha256}}


def write_csv(path, coefficients):
    """Live Link Face's table of the ARKit units of coefficients at 25 frames a second."""
    names = FACE.expression_names[:52]
    lines = [",".join(["Timecode", "BlendShapeCount", *(name[0].upper() + name[1:] for name in names)])]
    for i, row in enumerate(coefficients):
        weights = ",".join(f"{weight:.5f}" for weight in row[EXPRESSION][:52])
        lines.append(f"10:00:{i // 25:02d}:{i % 25:02d}.000,52,{weights}")
    path.write_text("\n".join(lines), encoding="utf-8")


def test_a_take_is_measured_and_can_be_used_again(tmp_path):
    take_file.save(Take(take("mumbling"), 25.0, META), tmp_path / "quiet.npz")
    document = measure_style(tmp_path / "quiet.npz", name="me")
    assert document.name == "me" and document.style.jaw < 0.65 and document.style.lips < 0.75
    assert document.source["kind"] == "take"
    assert document.source["sha256"] == hashlib.sha256((tmp_path / "quiet.npz").read_bytes()).hexdigest()
    save(document, tmp_path / "me.npz")
    assert to_json(chosen_style(str(tmp_path / "me.npz"))) == to_json(document)
    assert chosen_style(f"{tmp_path}/me.npz:0.5+neutral:0.5").style.jaw == pytest.approx((document.style.jaw + 1) / 2)


def test_a_take_of_another_rate_gives_the_same_style(tmp_path):
    motion = take("energetic")
    take_file.save(Take(motion, 25.0, META), tmp_path / "a.npz")
    fine = np.stack(
        [np.interp(np.arange(2 * len(motion) - 1) / 2, np.arange(len(motion)), c) for c in motion.T], axis=1
    )
    take_file.save(Take(fine.astype(np.float32), 50.0, META), tmp_path / "b.npz")
    one, other = measure_style(tmp_path / "a.npz"), measure_style(tmp_path / "b.npz")
    assert one.style.jaw == pytest.approx(other.style.jaw, rel=0.02) and one.name == "a"


def test_weights_from_a_phone_are_measured(tmp_path):
    for name in ("mumbling", "energetic"):
        write_csv(tmp_path / f"{name}.csv", take(name))
    quiet, lively = (measure_style(tmp_path / f"{name}.csv") for name in ("mumbling", "energetic"))
    assert quiet.style.jaw < 0.65 and lively.style.jaw > 1.1 and quiet.style.lips < lively.style.lips
    assert "head" not in quiet.confidence and quiet.style.head == 1.0 and quiet.source["kind"] == "arkit"
    assert lively.style.mood["mouthSmileLeft"] == pytest.approx(STYLES["energetic"].mood["mouthSmileLeft"], abs=0.04)


def test_a_video_is_measured(tmp_path):
    texture = albedo_texture(FACE, np.zeros(80, np.float32), 256)
    reports = []
    jaws = []
    for name in ("mumbling", "energetic"):
        shown = Take(take(name)[20:155], 25.0, META)
        write_video(tmp_path / f"{name}.mp4", render_frames(shown, FACE, texture, 192), 25.0)
        document = measure_style(tmp_path / f"{name}.mp4", progress=lambda *report: reports.append(report))
        jaws.append(document.style.jaw)
        assert document.source["kind"] == "video" and document.source["seconds"] == pytest.approx(5.36, abs=0.05)
        assert document.measure is not None and document.confidence["jaw"] > 0.5 and not document.source["heard"]
    assert jaws[0] < 0.7 < 1.0 < jaws[1]
    assert {stage for stage, _, _ in reports} == {"face", "expression", "speech"}
    assert all(done <= total for _, done, total in reports)


def test_a_video_without_a_face_is_one_error(tmp_path):
    write_video(tmp_path / "wall.mp4", (np.full((120, 160, 3), 90, np.uint8) for _ in range(130)), 25.0)
    with pytest.raises(VideoError, match="no face"):
        measure_style(tmp_path / "wall.mp4")


def test_other_takes_and_files_are_one_error(tmp_path):
    take_file.save(Take(take("calm"), 25.0, {"face_model": {"name": "bfm09", "sha256": ""}}), tmp_path / "a.npz")
    with pytest.raises(MotionError, match="bfm09"):
        measure_style(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", x=1)
    with pytest.raises(ValueError, match=r"b\.npz"):
        measure_style(tmp_path / "b.npz")
    with pytest.raises(VideoError, match="no file"):
        measure_style(tmp_path / "none.mp4")
