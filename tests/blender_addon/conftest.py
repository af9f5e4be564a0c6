"""Blender keeps one global state per process: each test that asks for `blender` starts from an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from backend.blender import write_head_file
from blender_addon.files import head_file, take_file
from blender_addon.jobs.snapshot import Snapshot
from models import coefficients as layout
from models.face.model import FaceModel
from models.take import Take, save
from tests.blender_addon.pressing import FakeHost, FakeRun
from tests.face_models import ellipsoid


@pytest.fixture
def blender() -> Any:
    """The bpy module with an empty file."""
    bpy = pytest.importorskip("bpy")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy


@pytest.fixture(scope="session")
def face_model() -> FaceModel:
    return ellipsoid()


@pytest.fixture(scope="session")
def head_path(face_model: FaceModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("head") / "head.npz"
    write_head_file(face_model, path)
    return path


@pytest.fixture(scope="session")
def head(head_path: Path) -> head_file.HeadFile:
    return head_file.load(head_path)


@pytest.fixture(scope="session")
def take_path(face_model: FaceModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("take") / "take.npz"
    save(lively_take(face_model, 40), path)
    return path


@pytest.fixture(scope="session")
def take(take_path: Path) -> take_file.TakeFile:
    return take_file.load(take_path)


@pytest.fixture
def head_object(blender: Any, head: head_file.HeadFile, take: take_file.TakeFile) -> Any:
    from blender_addon.building.head import build_head

    made = build_head(head, take.identity, take.albedo)
    blender.context.scene.collection.objects.link(made)
    return made


@pytest.fixture
def session(blender: Any, head_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from blender_addon import registration
    from blender_addon.jobs import work
    from blender_addon.operators import animate, redo
    from blender_addon.session import SESSION

    monkeypatch.setattr(work, "Run", FakeRun)
    monkeypatch.setattr(work, "fetch_geometry", lambda backend, heads: head_path)
    for module in (animate, redo):
        monkeypatch.setattr(module, "new_result_folder", lambda context: tmp_path)
        monkeypatch.setattr(module, "cache_folder", lambda context: tmp_path)
    registration.register()
    SESSION.start(FakeHost())
    soundfile.write(tmp_path / "voice.wav", np.zeros(25600), 16000)
    Image.new("RGB", (8, 8), (200, 150, 120)).save(tmp_path / "anna.png")
    settings = blender.context.scene.style_avatar
    settings.voice_file, settings.photo = str(tmp_path / "voice.wav"), str(tmp_path / "anna.png")
    blender.context.scene.render.fps = 25
    blender.ops.ed.undo_push(message="begin")
    yield SESSION
    registration.unregister()


@pytest.fixture
def delivered(head_path: Path, take_path: Path, tmp_path: Path) -> Snapshot:
    files = {"head.npz": head_path, "take.npz": take_path, "texture.png": tmp_path / "anna.png"}
    return Snapshot(state="done", fraction=1.0, files=MappingProxyType(files))


def lively_take(face_model: FaceModel, frames: int) -> Take:
    """A take in which everything moves, also below 0 and above 1, and the head stands off the camera's axis."""
    generator = np.random.default_rng(7)
    seconds = np.arange(frames)[:, None] / layout.FPS
    expression = generator.uniform(-0.2, 1.3, (frames, 64)).astype(np.float32)
    expression[:, 60] = 0.25  # one track that never moves
    coefficients = layout.assemble(
        identity=generator.normal(size=80).astype(np.float32),
        expression=expression,
        albedo=generator.normal(size=80).astype(np.float32),
        angles=(0.2 * np.sin(seconds * [3.0, 4.0, 5.0]) + [0.1, -0.3, 0.05]).astype(np.float32),
        gamma=np.zeros(27, dtype=np.float32),
        translation=(0.1 * np.cos(seconds * [2.0, 3.0, 4.0]) + [0.3, -0.2, 0.5]).astype(np.float32),
    )
    meta = {
        "face_model": {"name": face_model.name, "sha256": face_model.sha256},
        "audio": {"name": "voice.flac", "sha256": "", "seconds": frames / layout.FPS},
        "style": "calm",
        "timeline": {
            "phones": [["SIL", 0.0, 0.2], ["HH", 0.2, 0.4], ["IH", 0.4, 0.6], ["SIL", 0.6, 0.9], ["OW", 0.9, 1.4]],
            "words": [["hi", 0.2, 0.6], ["oh", 0.9, 1.4]],
        },
    }
    return Take(coefficients, layout.FPS, meta)


def placed(head: head_file.HeadFile, take: take_file.TakeFile, frame: int) -> np.ndarray:
    """Where the vertices are in `frame` of `take`, by the formula of the paper, in decimetres of the camera frame."""
    shape = head.shape(take.identity) + np.tensordot(take.expression[frame], head.expression_basis, axes=1)
    a, b, c = take.angles[frame].astype(np.float64)
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return shape @ (about_z @ about_y @ about_x).T + take.translation[frame]


def in_blender(points: np.ndarray) -> np.ndarray:
    """Decimetres, y up, z forward → metres, z up, looking along -y."""
    return 0.1 * points @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]).T


def world_positions(head_object: Any) -> np.ndarray:
    """Vertices (V, 3) of the object in the current frame, in world space, with everything that moves them."""
    import bpy

    evaluated = head_object.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = evaluated.to_mesh()
    points = np.empty(3 * len(mesh.vertices), dtype=np.float32)
    mesh.vertices.foreach_get("co", points)
    evaluated.to_mesh_clear()
    matrix = np.array(evaluated.matrix_world)
    return points.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]
