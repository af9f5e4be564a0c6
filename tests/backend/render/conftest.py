"""One photo, met once: scikit-image's astronaut."""

import numpy as np
import pytest
from skimage import data

from backend.render.sitter import Sitter, meet_sitter
from models.coefficients import assemble
from models.face import open_head
from models.take import Take

SIZE = 192


@pytest.fixture(scope="session")
def photo() -> np.ndarray:
    return data.astronaut()


@pytest.fixture(scope="session")
def sitter(photo: np.ndarray) -> Sitter:
    return meet_sitter(photo, open_head.load(), SIZE)


def talking(frames: int = 5) -> Take:
    """A take of the open head: the jaw opens while the head nods and turns."""
    head = open_head.load()
    time = np.linspace(0, 1, frames)[:, None]
    expression = np.zeros((frames, 64), np.float32)
    expression[:, head.expression_names.index("jawOpen")] = 0.6 * time[:, 0]
    coefficients = assemble(
        np.zeros(80, np.float32),
        expression,
        np.zeros(80, np.float32),
        (time * [0.05, 0.08, -0.03]).astype(np.float32),
        np.zeros(27, np.float32),
        (time * [0.03, -0.02, 0.02]).astype(np.float32),
    )
    return Take(coefficients, 25.0, {"face_model": {"name": head.name, "sha256": head.sha256}})
