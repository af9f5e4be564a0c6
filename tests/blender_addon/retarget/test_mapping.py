"""Names are recognised however they are spelt, and nothing is moved twice."""

import pytest

from blender_addon.retarget import visemes
from blender_addon.retarget.channels import SHAPE_CHANNELS
from blender_addon.retarget.mapping import (
    Row,
    bone_channel,
    map_bones,
    map_shapes,
    twice,
    unit_channel,
    unmatched,
    viseme_set,
)
from blender_addon.retarget.units import ARKIT, UNITS
from models.face import open_head

OCULUS = [f"viseme_{name}" for name in visemes.OCULUS]


def test_units_are_those_of_the_open_head() -> None:
    assert tuple(open_head.load().expression_names) == UNITS


SPELLINGS = {
    **{"eyeBlinkLeft": "eyeBlinkLeft", "EyeBlink_L": "eyeBlinkLeft", "eyeBlink.R": "eyeBlinkRight"},
    **{"L_eyeBlink": "eyeBlinkLeft", "Left_eyeBlink": "eyeBlinkLeft", "eyeblinkleft": "eyeBlinkLeft"},
    **{"EYEBLINKRIGHT": "eyeBlinkRight", "eye_blink_left.001": "eyeBlinkLeft", "Face.M_JawOpen": "jawOpen"},
    **{"CTRL_expressions_eyeBlinkL": "eyeBlinkLeft", "bs_mouthSmile_R": "mouthSmileRight"},
    **{"head__mouthClose": "mouthClose", "mouthSmile": "mouthSmile", "Mouth_Smile_L": "mouthSmileLeft"},
    **{"Eye_L_Look_Up": "eyeLookUpLeft", "Mouth_L": "mouthLeft", "mouthRight": "mouthRight"},
    **{"Mouth_Up_Upper_R": "mouthUpperUpRight", "browInnerUp_L": "browInnerUp", "jaw_left": "jawLeft"},
    **{"Fcl_EYE_Close_L": "eyeBlinkLeft", "Blink": "eyeBlink", "lookLeft": "look left", "LookUp": "look up"},
    **{"facs_bs_BrowDownLeft_div2": "browDownLeft", "まばたき": "eyeBlink", "eyeLookInLeft": "eyeLookInLeft"},
}


@pytest.mark.parametrize(("name", "channel"), SPELLINGS.items())
def test_spellings(name: str, channel: str) -> None:
    found = unit_channel(name)
    assert found is not None and found[0] == channel and 0.5 < found[1] <= 1.0


@pytest.mark.parametrize("name", ["Basis", "Key 1", "Joy", "hairFront", "bodyFat", "", "L", "123", "smileyShirt"])
def test_what_is_no_face_unit(name: str) -> None:
    assert unit_channel(name) is None


@pytest.mark.parametrize("pattern", ["{}", "bs_{}", "Face.M_{}", "CTRL_expressions_{}", "Mesh|{}"])
def test_all_of_arkit_behind_any_prefix(pattern: str) -> None:
    rows = map_shapes({"face": [pattern.format(name) for name in ARKIT]})
    assert [row.channel for row in rows] == list(ARKIT) and all(row.on for row in rows)


def test_sides_by_letters() -> None:
    names = [name.replace("Left", "_L").replace("Right", "_R") for name in ARKIT]
    assert [row.channel for row in map_shapes({"face": names})] == list(ARKIT)


SETS = {
    "oculus": [OCULUS, ["vrc.v_aa", "vrc.v_ch", "vrc.v_pp", "vrc.v_oh", "vrc.v_ou", "vrc.v_ih"], OCULUS[5:]],
    "vrm": [["aa", "ih", "ou", "ee", "oh", "blink"], list("AIUEO"), [f"Fcl_MTH_{vowel}" for vowel in "AIUEO"]],
    "microsoft": [
        [f"viseme_{number}" for number in range(22)],
        ["aa_02", "aa_ah_ax_01", "d_t_n_19", "er_05", "f_v_18", "h_12", "p_b_m_21", "sil_00", "w_uw_07"],
    ],
    "reallusion": [["V_Open", "V_Explosive", "V_Dental_Lip", "V_Tight_O"]],
    None: [list(ARKIT), ["Open", "Wide", "Tight"], []],
}


@pytest.mark.parametrize(("kind", "names"), [(kind, names) for kind, lists in SETS.items() for names in lists])
def test_sets_of_visemes(kind: str | None, names: list[str]) -> None:
    assert viseme_set(names) == kind


def test_units_speak_rather_than_visemes() -> None:
    rows = {row.target: row for row in map_shapes({"face": [*ARKIT, *OCULUS]})}
    assert all(rows[name].on for name in ARKIT)
    assert not any(rows[name].on for name in OCULUS if name in rows)
    assert rows["viseme_aa"].reason


def test_visemes_speak_where_units_are_few() -> None:
    rows = {row.target: row for row in map_shapes({"face": [*OCULUS, "jawOpen", "eyeBlinkLeft", "mouthSmileLeft"]})}
    assert rows["viseme_aa"].on and rows["viseme_aa"].channel == "oculus aa"
    assert not rows["jawOpen"].on and rows["jawOpen"].reason
    assert rows["eyeBlinkLeft"].on and rows["mouthSmileLeft"].on


def test_in_one_mesh_nothing_adds_up() -> None:
    rows = {row.target: row for row in map_shapes({"face": ["jawOpen", "CTRL_jawOpen"], "teeth": ["teeth_jawOpen"]})}
    assert rows["jawOpen"].on and not rows["CTRL_jawOpen"].on
    assert rows["teeth_jawOpen"].on, "another mesh moves too"


def test_halves_of_one_shape_are_no_rivals() -> None:
    assert all(row.on for row in map_shapes({"face": ["browInnerUp_L", "browInnerUp_R"]}))
    names = ["Mouth_Funnel_Up_L", "Mouth_Funnel_Up_R", "Mouth_Funnel_Down_L", "Mouth_Funnel_Down_R"]
    rows = map_shapes({"face": names})
    assert len(rows) == 4 and all(row.on and row.channel == "mouthFunnel" for row in rows)


def test_a_shape_for_both_sides_yields_to_one_for_each() -> None:
    rows = {row.target: row.on for row in map_shapes({"face": ["blink", "blinkLeft", "blinkRight"]})}
    assert rows == {"blink": False, "blinkLeft": True, "blinkRight": True}


BONES = {
    **{"head": "head", "mixamorig:Head": "head", "CC_Base_Head": "head", "J_Bip_C_Head": "head", "neck_01": "neck"},
    **{"CC_Base_JawRoot": "jaw", "lowerJaw": "jaw", "CC_Base_L_Eye": "left eye", "eye.R": "right eye"},
    **{"J_Adj_L_FaceEye": "left eye", "LeftEye": "left eye", "mixamorig:Neck": "neck"},
}


@pytest.mark.parametrize(("name", "channel"), BONES.items())
def test_bones(name: str, channel: str) -> None:
    found = bone_channel(name)
    assert found is not None and found[0] == channel


@pytest.mark.parametrize("name", ["headEnd", "head_target", "spine.004", "DEF-jaw", "ORG-eye.L", "forearm.L", ""])
def test_no_face_bones(name: str) -> None:
    assert bone_channel(name) is None


def test_eyes_turn_by_bones_only_without_shapes() -> None:
    bones = ["head", "eye.L", "eye.R", "jaw"]
    alone = {row.target: row.on for row in map_bones(bones)}
    with_shapes = {row.target: row.on for row in map_bones(bones, map_shapes({"face": list(ARKIT)}))}
    assert all(alone.values())
    assert with_shapes == {"head": True, "eye.L": False, "eye.R": False, "jaw": False}


def test_the_surest_bone_is_taken() -> None:
    assert [row.target for row in map_bones(["foo_head", "head", "bar_head"])] == ["head"]


def test_every_row_has_a_channel_that_exists() -> None:
    names = [*ARKIT, *OCULUS, *["A", "I", "U", "E", "O", "blink", "lookUp", "mouthOpen", "V_Open"]]
    assert {row.channel for row in map_shapes({"face": names})} <= set(SHAPE_CHANNELS)


def test_two_rows_for_one_target_are_found() -> None:
    rows = [Row("jawOpen", "a"), Row("mouthFunnel", "a"), Row("jawOpen", "b"), Row("mouthPucker", "b", on=False)]
    assert twice(rows) == ["a"]


def test_what_nothing_moves_is_listed() -> None:
    meshes = {"face": ["jawOpen", "hair"], "brow": ["curl"]}
    assert unmatched(meshes, map_shapes(meshes)) == ["hair", "curl"]
