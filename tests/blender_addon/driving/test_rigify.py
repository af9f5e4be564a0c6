"""A generated Rigify face: jaw, lips, lids, brows, eyes, neck and head."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.blender_addon.characters import tracks_of


@pytest.fixture(params=["upgraded", "plain"])
def rig(blender: Any, request: pytest.FixtureRequest) -> Any:
    addon_utils = pytest.importorskip("addon_utils")
    if addon_utils.enable("rigify", default_set=True) is None:
        pytest.skip("this Blender has no Rigify")
    blender.ops.object.armature_human_metarig_add()
    if request.param == "upgraded":
        blender.ops.pose.rigify_upgrade_face()
    blender.ops.pose.rigify_generate()
    yield blender.context.object
    addon_utils.disable("rigify", default_set=True)


def test_a_rigify_face_speaks(blender: Any, rig: Any) -> None:
    from blender_addon.driving.bake import Options, bake
    from blender_addon.driving.character import character_of, mapped
    from blender_addon.driving.verify import verified

    character = character_of(rig, blender.context.scene)
    rows = mapped(character)
    channels = {row.channel: row.target for row in rows if row.on}
    assert channels["jaw"] == "jaw_master" and channels["head"] == "head" and channels["neck"] == "neck"
    assert channels["left eye"] == "eye.L"
    corner = "lip_end.{}.001" if "lip_end.L.001" in rig.pose.bones else "lips.{}"
    assert {corner.format("L"), corner.format("R"), "lip.T", "lip.B", "lid.T.L.002"} <= {row.target for row in rows}
    ramp = np.linspace(0.0, 1.0, 25)
    angles = np.stack([0 * ramp, 0.3 * np.sign(ramp - 0.5), 0 * ramp], axis=1)  # from one side to the other
    half = np.where(ramp > 0.5, 1.0, 0.0)
    units: dict[str, Any] = {"jawOpen": half, "mouthSmileLeft": half, "eyeBlinkLeft": half, "browInnerUp": half}
    units |= {"eyeLookUpLeft": half, "eyeLookUpRight": half, "angles": angles}
    tracks = tracks_of(25, 25.0, **units)
    baked = bake(character, tracks, rows, Options(head=0.0))
    assert not [one.text for one in verified(character, baked) if one.level == "ERROR"]

    def places(frame: int) -> dict[str, np.ndarray]:
        blender.context.scene.frame_set(frame)
        corners = (corner.format("L"), corner.format("R"))
        names = ("DEF-chin", *corners, "lid.T.L.002", "lid.B.L.002", "brow.T.L.003", "MCH-eye.L")
        return {name: np.array(rig.pose.bones[name].tail) for name in names if name in rig.pose.bones} | {
            f"{name} head": np.array(rig.pose.bones[name].head) for name in names if name in rig.pose.bones
        }

    rest, moved = places(1), places(25)
    assert moved["DEF-chin"][2] < rest["DEF-chin"][2] - 0.005, "the chin drops"
    left, right = (moved[f"{corner.format(side)} head"] - rest[f"{corner.format(side)} head"] for side in "LR")
    assert left[2] > right[2] + 0.002 and left[0] > 0.002, "one corner smiles, up and outwards"
    gap = np.linalg.norm(moved["lid.T.L.002 head"] - moved["lid.B.L.002 head"])
    assert gap < 0.3 * np.linalg.norm(rest["lid.T.L.002 head"] - rest["lid.B.L.002 head"])
    assert moved["brow.T.L.003 head"][2] > rest["brow.T.L.003 head"][2] + 0.002
    looking = [one["MCH-eye.L"] - one["MCH-eye.L head"] for one in (rest, moved)]
    assert looking[1][2] / np.linalg.norm(looking[1]) == pytest.approx(
        looking[0][2] / np.linalg.norm(looking[0]) + np.sin(np.radians(22)), abs=0.06
    )


@pytest.mark.parametrize("rig", ["plain"], indirect=True)
def test_the_head_of_a_rigify_rig_turns_all_the_way(blender: Any, rig: Any) -> None:
    from blender_addon.driving.bake import Options, bake
    from blender_addon.driving.character import character_of, mapped

    character = character_of(rig, blender.context.scene)
    turns = np.where(np.arange(24) % 2, 0.3, -0.3)
    bake(character, tracks_of(24, angles=np.stack([0 * turns, turns, 0 * turns], axis=1)), mapped(character), Options())
    blender.context.scene.frame_set(1)
    first = rig.pose.bones["head"].matrix.to_quaternion()
    blender.context.scene.frame_set(2)
    turned = first.rotation_difference(rig.pose.bones["head"].matrix.to_quaternion())
    assert turned.angle == pytest.approx(0.6, abs=0.03)
