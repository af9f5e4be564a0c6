import dataclasses

import numpy as np

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile
from blender_addon.motion.contacts import contacts, lids_closed, lip_gap, lips_closed


def expressions(head: HeadFile, frames: int, **tracks: list[float]) -> np.ndarray:
    values = np.zeros((frames, 64), dtype=np.float32)
    for name, track in tracks.items():
        values[:, head.expression_names.index(name)] = track
    return values


def test_lip_gap_is_measured_on_the_mesh(head: HeadFile, take: TakeFile) -> None:
    upper, lower = head.regions["lip_rim_upper"], head.regions["lip_rim_lower"]
    gap = lip_gap(head, take.identity, take.expression)
    for frame in (0, 20):
        shape = head.shape(take.identity) + np.tensordot(take.expression[frame], head.expression_basis, axes=1)
        assert abs(gap[frame] - (shape[upper, 1] - shape[lower, 1]).mean()) < 1e-5


def test_closed_lips_are_found_and_open_ones_are_not(head: HeadFile) -> None:
    neutral = np.zeros(80, dtype=np.float32)
    at_rest = lip_gap(head, neutral, np.zeros((1, 64), np.float32))[0]
    opening = lip_gap(head, neutral, expressions(head, 1, jawOpen=[1.0]))[0] - at_rest
    closing = -at_rest / opening  # the weight of jawOpen at which the rims of this model meet
    expression = expressions(head, 5, jawOpen=[closing, closing + 1, closing, closing, closing + 1])
    assert lips_closed(head, neutral, expression).tolist() == [True, False, True, True, False]
    assert contacts(head, neutral, expression) == [(0, 0), (2, 3)]


def test_blinks_count_when_both_lids_are_shut(head: HeadFile) -> None:
    expression = expressions(head, 4, eyeBlinkLeft=[0, 1, 0.5, 1], eyeBlinkRight=[0, 1, 1, 0.1])
    assert lids_closed(head, expression).tolist() == [False, True, False, False]


def test_heads_without_lip_rims_have_no_lip_contacts(head: HeadFile) -> None:
    bare = dataclasses.replace(head, regions={})
    assert not lips_closed(bare, np.zeros(80, np.float32), np.zeros((3, 64), np.float32)).any()
