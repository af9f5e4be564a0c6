"""Hair is grown on the open head: an ellipsoid has neither ears nor a hairline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.blender import write_head_file
from blender_addon.files import head_file
from blender_addon.hair.distance import DistanceField
from blender_addon.hair.surface import Surface
from blender_addon.motion.frames import directions
from models.face import open_head


@pytest.fixture(scope="session")
def open_head_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("open_head") / "head.npz"
    write_head_file(open_head.load(), path)
    return path


@pytest.fixture(scope="session")
def open_head_file(open_head_path: Path) -> head_file.HeadFile:
    return head_file.load(open_head_path)


def surface_on(head: head_file.HeadFile, identity: np.ndarray) -> Surface:
    """The surface as it is read from Blender, without Blender."""
    shape = head.shape(identity)
    pivot = head.neck_pivot(shape)
    names = np.array(head.part_names)[head.triangle_part]
    return Surface(
        points=directions(shape - pivot),
        triangles=head.triangles,
        uv=head.uv[head.uv_triangles],
        skin=np.isin(names, ["skin", "lips"]),
        lips=names == "lips",
        landmarks=directions(head.landmarks(shape) - pivot),
    )


@pytest.fixture(scope="session")
def surface(open_head_file: head_file.HeadFile) -> Surface:
    return surface_on(open_head_file, np.zeros(80, np.float32))


@pytest.fixture(scope="session")
def field(surface: Surface) -> DistanceField:
    return DistanceField.of(surface)


@pytest.fixture
def open_head_object(blender: Any, open_head_file: head_file.HeadFile) -> Any:
    """The open head in an empty scene, with its materials."""
    from blender_addon.building.head import build_head
    from blender_addon.building.material import apply_materials

    none = np.zeros(80, np.float32)
    made = build_head(open_head_file, none, none)
    blender.context.scene.collection.objects.link(made)
    apply_materials(made, open_head_file)
    return made
