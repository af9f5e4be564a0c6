import json

import numpy as np
import pytest
import torch

from models.render.discriminator import Discriminator, adversarial_loss, feature_loss
from tests.models.render.goldens import FOLDER, golden, recipe

TOLERANCE = 4e-3  # the pictures it sees are kept in half precision, and so are its maps


@golden
def test_golden_feature_maps_and_loss() -> None:
    expected = np.load(FOLDER / "render_variants_io.npz")
    network = Discriminator(6, base=8)
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    network.load_state_dict(recipe(shapes, expected["recipe_seed_disc_ndf8"]))
    pictures = np.concatenate([expected["img_f16"], expected["blended_f16"]], axis=1).astype(np.float32)
    with torch.no_grad():
        maps = network(torch.from_numpy(pictures))
    for scale in (0, 1):
        for stage in (0, 4):
            np.testing.assert_allclose(maps[scale][stage], expected[f"disc_{scale}_{stage}"], atol=TOLERANCE)
    assert adversarial_loss(maps, real=True).item() == pytest.approx(float(expected["gan_real"]), abs=1e-3)
    assert adversarial_loss(maps, real=False).item() == pytest.approx(float(expected["gan_fake"]), abs=1e-3)


@golden
@pytest.mark.parametrize(("name", "inputs"), [("discriminator_define_D_12", 12), ("blend_discriminator_define_D_6", 6)])
def test_golden_names_and_shapes(name: str, inputs: int) -> None:
    networks = json.loads((FOLDER / "full_size_state_dict_keys.json").read_text())
    keys = {key: shape for key, shape, _ in networks[f"{name}_64_3_numD2"]["keys"]}
    assert {key: list(tensor.shape) for key, tensor in Discriminator(inputs).state_dict().items()} == keys


def test_the_second_scale_sees_half_the_picture() -> None:
    torch.manual_seed(0)
    with torch.no_grad():
        maps = Discriminator(3, base=2)(torch.rand(2, 3, 64, 96))
    assert [len(features) for features in maps] == [5, 5]
    assert maps[0][0].shape == (2, 2, 33, 49) and maps[1][0].shape == (2, 2, 17, 25)
    assert maps[0][-1].shape[1] == 1 and maps[0][-1].std() > 0


def test_the_loss_is_the_squared_distance_to_the_verdict_summed_over_scales() -> None:
    maps = [[torch.zeros(1), torch.full((1, 1, 2, 2), 1.0)], [torch.zeros(1), torch.full((1, 1, 1, 1), 3.0)]]
    assert adversarial_loss(maps, real=True).item() == 4.0
    assert adversarial_loss(maps, real=False).item() == 10.0


def test_the_feature_loss_leaves_out_the_verdicts_and_moves_the_drawn_maps_only() -> None:
    drawn = [[torch.full((1, 2, 2, 2), 1.0, requires_grad=True), torch.zeros(1, 1, 2, 2)] for _ in range(2)]
    real = [[torch.full((1, 2, 2, 2), 1.0 + step, requires_grad=True), torch.ones(1, 1, 2, 2)] for step in (0.5, 2.0)]
    loss = feature_loss(drawn, real)
    assert loss.item() == pytest.approx(2.5)
    loss.backward()
    assert all(maps[0].grad is not None for maps in drawn) and all(maps[0].grad is None for maps in real)
