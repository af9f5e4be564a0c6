"""The renderer's goldens, and seeded weights in the place of checkpoints."""

from collections.abc import Mapping, Sequence

import torch

from tests.golden import GOLDEN, needs
from tests.recipe import torch_weights

FOLDER = GOLDEN / "render"
golden = needs(FOLDER)


def recipe(shapes: Mapping[str, Sequence[int]], seed: object) -> dict[str, torch.Tensor]:
    """Weights of these names and shapes for a `seed` as it is kept in the goldens."""
    return {name: torch.from_numpy(array) for name, array in torch_weights(shapes, int(str(seed))).items()}
