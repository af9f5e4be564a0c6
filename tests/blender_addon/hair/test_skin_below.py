"""The skin below the hair: shaded where hair is, the face's own colour up to the hairline."""

from typing import Any

import numpy as np
import pytest

from blender_addon.files.head_file import HeadFile
from blender_addon.hair.groom import Groom
from blender_addon.hair.regions import above_hairline, angles, skin_vertices
from blender_addon.hair.skin_below import evened, shade_of
from blender_addon.hair.surface import Surface
from tests.blender_addon.output.test_plain_materials import wiring


def test_the_shade_is_where_hair_is(surface: Surface) -> None:
    shade, inside = shade_of(surface), above_hairline(surface, surface.points)
    assert shade.min() == 0 and shade.max() == 1
    assert not shade[inside < -5].any()
    _, elevation, _ = angles(surface, surface.points)
    assert (shade[skin_vertices(surface) & (elevation > 60)] == 1).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_grey_band_is_left_under_the_hairline(surface: Surface, open_head_file: HeadFile, seed: int) -> None:
    albedo = open_head_file.albedo((0.9 * np.random.default_rng([seed, 7]).normal(size=80)).astype(np.float32))
    colours = (albedo**2.2).astype(np.float64)
    azimuth, _, _ = angles(surface, surface.points)
    inside, front = above_hairline(surface, surface.points), skin_vertices(surface) & (np.abs(azimuth) < 45)
    band, face = front & (inside > -10) & (inside < 3), front & (inside > -23) & (inside < -17)
    after = colours * evened(surface, colours)
    before, now = (one[band].mean() / one[face].mean() for one in (colours, after))
    assert before < 0.93 < 0.96 < now < 1.06
    assert np.array_equal(after[inside < -18], colours[inside < -18])


def test_it_is_put_on_with_hair_and_goes_with_it(open_head_object: Any) -> None:
    from blender_addon.hair.add import add_hair, take_off
    from blender_addon.hair.scalp import NODE

    head = open_head_object
    before, attributes = wiring(head), set(head.data.attributes.keys())
    for cut, there in (("buzz", True), ("bob", True), ("bald", False), ("bob", True)):
        add_hair(head, Groom(cut=cut, brows=False, density=0.05, colour=(0.5, 0.25, 0.1)))
        nodes = [material.node_tree.nodes[NODE] for material in head.data.materials if NODE in material.node_tree.nodes]
        assert len(nodes) == there
        assert all(
            tuple(one.inputs["Hair Color"].default_value)[:3] == pytest.approx((0.5, 0.25, 0.1)) for one in nodes
        )
    take_off(head)
    assert wiring(head) == before and set(head.data.attributes.keys()) == attributes
