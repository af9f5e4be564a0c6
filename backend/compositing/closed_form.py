"""Closed-form matting (Levin, Lischinski and Weiss 2008) of the pixels that a first guess leaves open.

In every 3 x 3 window alpha is taken for an affine function of colour; what that costs is a quadratic form in alpha,
whose minimum with the sure pixels held fast is a sparse linear system.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import cg

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]

SMOOTH: Final = 1e-5  # what a window's line may slope; colours run 0..1
TRUST: Final = 1e-3  # pull towards the first guess, which settles windows of one colour
STEPS: Final = 250  # of conjugate gradients; more change alpha by less than a step of 255


def closed_form_alpha(image: UInt8Array, guess: Float32Array, unknown: BoolArray) -> Float32Array:
    """Alpha (H, W) in 0..1 for `image` (H, W, 3): `guess` (H, W), solved anew where `unknown` (H, W)."""
    if not unknown.any():
        return guess
    laplacian = _matting_laplacian(image.astype(np.float64) / 255, _near(unknown))
    free, held = np.flatnonzero(unknown), np.flatnonzero(~unknown)
    rows = laplacian[free]
    fixed = guess.ravel()[held].astype(np.float64)
    start = guess.ravel()[free].astype(np.float64)
    system = rows[:, free] + TRUST * sparse.identity(len(free))
    target = TRUST * start - rows[:, held] @ fixed
    scale = sparse.diags(1.0 / system.diagonal())
    solution, _ = cg(system, target, x0=start, M=scale, maxiter=STEPS, rtol=1e-5)
    alpha = guess.ravel().copy()
    alpha[free] = np.clip(solution, 0, 1)
    return alpha.reshape(guess.shape)


def _matting_laplacian(image: NDArray[np.float64], centres: BoolArray) -> Any:
    """The sparse (N, N) form over all pixels, summed over the windows around `centres` (H, W)."""
    height, width = centres.shape
    names = sliding_window_view(np.arange(height * width).reshape(height, width), (3, 3)).reshape(-1, 9)
    names = names[centres[1:-1, 1:-1].ravel()]
    colours = image.reshape(-1, 3)[names]  # (windows, 9, 3)
    apart = colours - colours.mean(axis=1, keepdims=True)
    spread = np.einsum("wki,wkj->wij", apart, apart) / 9 + SMOOTH / 9 * np.eye(3)
    share = (1 + np.einsum("wki,wij,wlj->wkl", apart, np.linalg.inv(spread), apart, optimize=True)) / 9
    values = np.eye(9) - share
    count = height * width
    rows, columns = np.repeat(names, 9, axis=1).ravel(), np.tile(names, (1, 9)).ravel()
    return sparse.coo_matrix((values.ravel(), (rows, columns)), shape=(count, count)).tocsr()


def _near(mask: BoolArray) -> BoolArray:
    """`mask` and the eight neighbours of its pixels."""
    padded = np.pad(mask, 1)
    return np.asarray(sliding_window_view(padded, (3, 3)).any(axis=(2, 3)))
