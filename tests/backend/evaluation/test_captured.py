import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from backend.evaluation.captured import CapturedMotionError, at_25, captured_takes
from models.face import open_head

NAMES = open_head.load().expression_names
TIMES = np.arange(90) / 30


def test_a_tracked_mouth_goes_over_by_name_at_25_frames_a_second(tmp_path):
    (tmp_path / "a_3_15.ogg").touch()
    jaw = 0.3 + 0.2 * np.sin(2 * np.pi * 1.5 * TIMES)
    rows = [f"{value:.5f},0.5,0.1" for value in jaw]
    (tmp_path / "a_3_15.csv").write_text("\n".join(["jawOpen,mouthPucker,noSuchUnit", *rows]))
    (take,) = captured_takes(tmp_path, NAMES)
    assert take.expression.shape == (75, 64) and take.degrees is None and take.name == "a_3_15"
    expected = 0.3 + 0.2 * np.sin(2 * np.pi * 1.5 * np.arange(75) / 25)
    assert take.expression[5:-5, NAMES.index("jawOpen")] == pytest.approx(expected[5:-5], abs=0.01)
    assert take.expression[:, NAMES.index("mouthPucker")] == pytest.approx(0.5, abs=0.01)
    others = [i for i, name in enumerate(NAMES) if name not in ("jawOpen", "mouthPucker")]
    assert not take.expression[:, others].any()


def test_a_tracked_head_keeps_its_angles(tmp_path):
    degrees = np.tile([4.0, -7.0, 2.0], (90, 1))
    transforms = np.tile(np.eye(4), (90, 1, 1))
    transforms[:, :3, :3] = Rotation.from_euler("xyz", degrees, degrees=True).as_matrix()
    (tmp_path / "b1.ogg").touch()
    np.savez(
        tmp_path / "b1.npz",
        mediapipe_names=np.array(["_neutral", "jawOpen"]),
        mediapipe_blendshapes=np.full((90, 2), 0.25, np.float16),
        mediapipe_transforms=transforms.reshape(-1, 16).astype(np.float16),
        mediapipe_fps=np.float16(30),
    )
    (take,) = captured_takes(tmp_path, NAMES)
    assert take.speaker == "b"
    assert take.degrees is not None
    assert take.degrees == pytest.approx(np.tile([4.0, -7.0, 2.0], (75, 1)), abs=0.1)
    assert take.expression[:, NAMES.index("jawOpen")] == pytest.approx(0.25, abs=1e-3)


def test_what_25_frames_cannot_show_does_not_come_back_as_something_else():
    fast = np.sin(2 * np.pi * 14 * np.arange(300) / 30)[:, None]
    assert np.abs(at_25(fast, 30.0)[10:-10]).max() < 0.25


def test_other_folders_are_refused(tmp_path):
    with pytest.raises(CapturedMotionError, match="no folder"):
        captured_takes(tmp_path / "nowhere", NAMES)
    (tmp_path / "a.ogg").touch()
    with pytest.raises(CapturedMotionError, match="holds no captured motion"):
        captured_takes(tmp_path, NAMES)
    (tmp_path / "a.csv").write_text("jawOpen\nwide\n")
    with pytest.raises(CapturedMotionError, match="other than numbers"):
        captured_takes(tmp_path, NAMES)
    (tmp_path / "a.csv").unlink()
    np.savez(tmp_path / "a.npz", coefficients=np.zeros((3, 257)))
    with pytest.raises(CapturedMotionError, match="mediapipe"):
        captured_takes(tmp_path, NAMES)
