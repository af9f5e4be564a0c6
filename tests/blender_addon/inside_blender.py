"""Run by another Blender (see test_other_blenders): build, play, export, import again, and measure.

    blender --background --factory-startup --python inside_blender.py -- head.npz take.npz truth.npz folder

truth.npz holds `frames` (n,) and `positions` (n, V, 3) in metres. Prints "MEASURED {...}": the largest errors.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bpy
import numpy as np

from blender_addon import compat
from blender_addon.building.build import Options, Timer, build
from blender_addon.files import head_file, take_file
from blender_addon.output import export


def main() -> None:
    """Build the take and print how far it is from the truth, in the file and after a round trip through FBX."""
    head_path, take_path, truth_path, folder = (Path(word) for word in sys.argv[sys.argv.index("--") + 1 :])
    truth = np.load(truth_path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    head, take = head_file.load(head_path), take_file.load(take_path)
    options = Options(pose="take", staged=True)
    head_object = build(head, take, options, Timer(lambda *_: None))
    measured: dict[str, Any] = {
        "version": list(bpy.app.version),
        "built": error(head_object, truth),
        "curves": len(compat.curves_of(head_object)) + len(compat.curves_of(head_object.data.shape_keys)),
    }
    export.export_fbx(head_object, folder / "head.fbx")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    compat.enable_addon("io_scene_fbx")
    bpy.ops.import_scene.fbx(filepath=str(folder / "head.fbx"), anim_offset=0.0)
    measured["fbx"] = error(next(one for one in bpy.data.objects if one.type == "MESH"), truth)
    print("MEASURED", json.dumps(measured), flush=True)


def error(head_object: Any, truth: Any) -> float:
    """The largest distance in metres between a vertex and where it should be, over the given frames."""
    return max(
        float(np.abs(positions(head_object, int(frame)) - expected).max())
        for frame, expected in zip(truth["frames"], truth["positions"], strict=True)
    )


def positions(head_object: Any, frame: int) -> np.ndarray:
    """World positions (V, 3) in `frame` of the take."""
    bpy.context.scene.frame_set(frame + 1)
    evaluated = head_object.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = evaluated.to_mesh()
    points = np.empty(3 * len(mesh.vertices), dtype=np.float32)
    mesh.vertices.foreach_get("co", points)
    evaluated.to_mesh_clear()
    matrix = np.array(evaluated.matrix_world)
    return points.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


if __name__ == "__main__":
    main()
