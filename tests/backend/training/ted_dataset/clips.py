"""Small clips in the layout of TED-HD."""

import numpy as np

from models.coefficients import EXPRESSION, TRANSLATION, WIDTH


def make_clip(frames, features=None):
    """Every number says where it comes from: 100 · its time + its channel."""
    features = 2 * frames if features is None else features
    coefficients = np.zeros((frames, WIDTH), np.float32)
    coefficients[:, EXPRESSION] = 100 * np.arange(frames)[:, None] + np.arange(64)
    coefficients[:, TRANSLATION] = 100 * np.arange(frames)[:, None] + np.arange(3)
    return {
        "coeff_norm": coefficients,
        "deepspeech": (100 * np.arange(features)[:, None] + np.arange(29)).astype(np.float32),
        "energy": np.arange(features, dtype=np.float32)[None],
    }
