"""Archives that the backend sends: frames and heads, or an error that can be shown."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_addon.connection.answers import face_model_hash, read_frames
from blender_addon.trouble import BadAnswer


def packed(**changes: Any) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **{"coefficients": np.zeros((3, 257), np.float32), "first": 5, "fps": 25.0, **changes})
    return stream.getvalue()


def test_frames_are_read() -> None:
    frames = read_frames(packed())
    assert (frames.coefficients.shape, frames.first, frames.fps) == ((3, 257), 5, 25.0)
    with pytest.raises(ValueError, match="read-only"):
        frames.coefficients[0] = 1


@pytest.mark.parametrize(
    "changes",
    [
        {"first": -1},
        {"first": np.inf},
        {"first": [1, 2]},
        {"fps": np.nan},
        {"fps": "many"},
        {"coefficients": np.zeros((3, 257))},
        {"coefficients": np.zeros(257, np.float32)},
        {"coefficients": np.full((3, 257), np.nan, np.float32)},
        {"coefficients": np.array([{}], dtype=object)},
    ],
)
def test_damaged_frames_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer, match="The backend's frames"):
        read_frames(packed(**changes))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(0, len(packed()) - 1), st.binary(min_size=1, max_size=6), st.none() | st.integers(0, 1500))
def test_frames_of_any_bytes_are_read_or_refused(place: int, patch: bytes, cut: int | None) -> None:
    data = packed()
    try:
        assert read_frames((data[:place] + patch + data[place + len(patch) :])[:cut]).coefficients.shape[1] == 257
    except BadAnswer as error:
        assert error.trouble.advice


def test_a_head_states_its_hash(head_path: Path, tmp_path: Path) -> None:
    assert len(face_model_hash(head_path)) == 64
    (tmp_path / "cut.npz").write_bytes(head_path.read_bytes()[:-40])
    np.savez(tmp_path / "other.npz", meta=np.array(json.dumps({"format": "another", "sha256": "0"})))
    np.savez(tmp_path / "deep.npz", meta=np.array("[" * 100_000))
    for name in ("cut.npz", "other.npz", "deep.npz", "gone.npz"):
        assert face_model_hash(tmp_path / name) == ""
