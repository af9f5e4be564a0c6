"""Textures over HTTP: what a living texture is made of, and a picture a frame."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend.server.textures import make_textures
from backend.server.work import Order
from backend.texture.bake import BakeError
from blender_addon.files.living_file import read_living
from models.face import open_head
from models.take import Take, save
from tests.backend.server.conftest import Real

SIZE = 256


def png(side: int = SIZE) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), (180, 140, 120), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def raised_brows(path: Path) -> Path:
    head = open_head.load()
    coefficients = np.zeros((3, 257), np.float32)
    coefficients[:, 80 + head.expression_names.index("browInnerUp")] = [0, 0.5, 1]
    save(Take(coefficients, 24.0, {"face_model": {"name": head.name, "sha256": head.sha256}}), path)
    return path


def quiet(stage: str, done: int, total: int) -> None:
    """No progress."""


def order(folder: Path, **request: object) -> Order:
    inputs = {one.name: {"file": next(one.iterdir()).name, "sha256": ""} for one in (folder / "inputs").iterdir()}
    (folder / "results").mkdir()
    asked = {"kind": "textures", "renderer": "raster", "size": SIZE, **request}
    return Order("j", asked, inputs, folder / "inputs", folder / "results", folder / "frames.npy")


def put(folder: Path, what: str, name: str, data: bytes) -> None:
    (folder / "inputs" / what).mkdir(parents=True)
    (folder / "inputs" / what / name).write_bytes(data)


def test_a_living_texture_is_what_the_add_on_reads(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    result = make_textures(order(tmp_path, mode="live"), quiet)
    living = read_living(tmp_path / "results" / "living.npz")
    assert result["face_model"]["sha256"] == living.face_model == open_head.load().sha256
    assert living.kind == "factors" and len(living.names) == 16 and living.columns == 4
    assert living.expression_names == open_head.load().expression_names


def test_a_frame_a_picture_and_lines_where_the_brows_rise(tmp_path: Path) -> None:
    put(tmp_path, "take", "t.npz", raised_brows(tmp_path / "take.npz").read_bytes())
    put(tmp_path, "texture", "t.png", png())
    result = make_textures(order(tmp_path, mode="baked"), quiet)
    assert (result["frames"], result["fps"], result["size"]) == (3, 24.0, SIZE)
    with zipfile.ZipFile(tmp_path / "results" / "textures.zip") as archive:
        frames = [np.asarray(Image.open(archive.open(name))).astype(float) for name in archive.namelist()]
    lost = [(frames[0] - frame).clip(0).sum() for frame in frames]
    assert lost[0] == 0 < lost[1] < lost[2]
    rows = np.nonzero((frames[0] - frames[2]).max(axis=(1, 2)) > 10)[0]
    assert rows.min() > 0.08 * SIZE and rows.max() < 0.3 * SIZE  # the forehead's


def test_a_texture_that_is_not_square_is_told(tmp_path: Path) -> None:
    put(tmp_path, "take", "t.npz", raised_brows(tmp_path / "take.npz").read_bytes())
    buffer = io.BytesIO()
    Image.new("RGB", (64, 80)).save(buffer, "PNG")
    put(tmp_path, "texture", "t.png", buffer.getvalue())
    with pytest.raises(BakeError, match="64 x 80"):
        make_textures(order(tmp_path, mode="baked"), quiet)


def test_over_http(real: Real) -> None:
    made = real.wait(real.post({"kind": "textures", "mode": "live"}).json())
    assert made["state"] == "done", made["error"]
    assert [one["name"] for one in made["files"]] == ["living.npz"]
    broken = real.post({"kind": "textures", "mode": "live", "dynamic": {"upload": "own"}}, own=b"no texture").json()
    assert real.wait(broken)["error"]["code"] == "bad_texture"
    for request in (
        {"kind": "textures", "mode": "baked"},
        {"kind": "textures", "mode": "live", "take": {"upload": "own"}},
        {"kind": "textures", "mode": "baked", "size": 100},
    ):
        parts = {"own": b"x"} if "take" in request else {}
        refused = real.post(request, **parts)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_request")
