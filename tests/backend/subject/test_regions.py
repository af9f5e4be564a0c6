import numpy as np
import pytest

from backend.subject.regions import regions
from models.face import open_head

FACE = open_head.load()


def test_every_texel_belongs_to_somebody_and_units_to_their_side():
    found = regions(FACE, 96)
    assert [region.name for region in found] == ["brows", "left eye", "right eye", "mouth"]
    total = sum(region.share for region in found)
    assert total == pytest.approx(1, abs=1e-5)
    assert all(region.share.min() >= 0 and (region.share > 0.5).mean() > 0.02 for region in found)
    names = [{FACE.expression_names[i] for i in region.units} for region in found]
    assert "browInnerUp" in names[0] and "jawOpen" not in names[0]
    assert "eyeBlinkLeft" in names[1] and "eyeBlinkRight" not in names[1] and "eyeBlinkRight" in names[2]
    assert "jawOpen" in names[3] and "browInnerUp" not in names[3]


def test_the_mouth_moves_the_mouth_and_the_brows_the_brows():
    from backend.texture.unwrap import uv_raster

    found = {region.name: region for region in regions(FACE, 96)}
    raster = uv_raster(FACE, 96)
    for unit, name in (("browInnerUp", "brows"), ("jawOpen", "mouth"), ("eyeSquintLeft", "left eye")):
        moved = np.linalg.norm(FACE.expression_basis[FACE.expression_names.index(unit)], axis=1)[:, None]
        image = raster.interpolate(moved.astype(np.float32), FACE.triangles)[..., 0]
        skin = raster.covered & (FACE.triangle_part[raster.triangle_ids] == FACE.part_names.index("skin"))
        shares = {key: float((region.share * image)[skin].sum()) for key, region in found.items()}
        assert max(shares, key=lambda key: shares[key]) == name
