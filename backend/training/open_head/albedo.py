"""The 80 albedo components: principal components of procedurally coloured heads.

The data holds no skin texture. Skin colour follows a two-pigment model, base · exp(-melanin - haemoglobin), with maps
for lips, lids, ears, cheeks, nose, beard and scalp, and smooth random variation; irises, hair, teeth and the inside of
the mouth have palettes. All values are sRGB.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import eigsh

from backend.training.open_head.eyes import IRIS, PUPIL
from backend.training.open_head.fields import averaging, edges, signed
from backend.training.open_head.head import Head
from backend.training.open_head.skin import LIP_RINGS
from backend.training.open_head.wheel import Float64Array, IntArray, Wheel

COMPONENTS = 80
SAMPLES = 1500
EIGENFUNCTIONS = 59

BASE = np.array([0.985, 0.895, 0.815])
MELANIN = np.array([0.42, 0.72, 1.05])
HAEMOGLOBIN = np.array([0.06, 0.44, 0.34])
IRISES = np.array([[70, 44, 26], [104, 68, 36], [112, 92, 48], [82, 100, 66], [92, 122, 144], [120, 134, 142]]) / 255
IRIS_SHARES = np.array([0.42, 0.22, 0.12, 0.06, 0.12, 0.06])
HAIRS = np.array([[22, 18, 17], [46, 32, 24], [74, 52, 36], [118, 88, 56], [120, 62, 34], [128, 122, 116]]) / 255
HAIR_SHARES = np.array([0.34, 0.28, 0.18, 0.10, 0.04, 0.06])
SCLERA = np.array([0.90, 0.875, 0.855])
TEETH = np.array([0.90, 0.87, 0.79])
GUMS = np.array([0.74, 0.42, 0.41])
TONGUE = np.array([0.75, 0.42, 0.41])


def build(wheel: Wheel, head: Head) -> tuple[Float64Array, Float64Array]:
    """Mean colours (n, 3) and components (80, n, 3) for standard normal coefficients, sRGB on 0..255."""
    rng = np.random.default_rng(7)
    maps = skin_maps(wheel, head)
    smooth = eigenfunctions(head, EIGENFUNCTIONS)
    colours = np.empty((SAMPLES, len(head.whole.rest), 3), dtype=np.float32)
    for number in range(SAMPLES):
        colours[number] = one_head(head, maps, smooth, rng)
    colours *= 255
    return principal(colours, head.whole.mirror, _weight(head))


def one_head(head: Head, maps: dict[str, Float64Array], smooth: Float64Array, rng: np.random.Generator) -> Float64Array:
    """Colours (n, 3) in 0..1 of one random person."""
    colours = np.zeros((len(head.whole.rest), 3))
    melanin = float(np.clip(rng.gamma(2.0, 0.19), 0.03, 1.5))
    hair = _hair(melanin, rng)
    colours[head.indices("skin")] = _skin(maps, smooth, melanin, hair, rng)
    colours[head.indices("eyes")] = _eyes(head, rng)
    brightness = rng.uniform(0.9, 1.03)
    for arch in ("upper", "lower"):
        colours[head.indices(f"teeth_{arch}")] = _teeth(head, f"teeth_{arch}", brightness)
        colours[head.indices(f"gum_{arch}")] = GUMS * np.exp(-0.25 * melanin * MELANIN)
    tongue = head.whole.rest[head.indices("tongue")]
    back = np.clip((1.25 - tongue[:, 2]) / 0.5, 0, 1)[:, None]
    colours[head.indices("tongue")] = TONGUE * (1 - 0.45 * back)
    colours[head.indices("lashes")] = hair * 0.45
    colours[head.indices("brows")] = hair * 0.85
    return np.clip(colours, 0, 1)


def _hair(melanin: float, rng: np.random.Generator) -> Float64Array:
    shares = HAIR_SHARES.copy()
    if melanin > 0.55:
        shares[3:5] = 0
    return HAIRS[rng.choice(len(HAIRS), p=shares / shares.sum())] * rng.uniform(0.85, 1.15)


def _skin(
    maps: dict[str, Float64Array], smooth: Float64Array, melanin: float, hair: Float64Array, rng: np.random.Generator
) -> Float64Array:
    blood = rng.uniform(0.10, 0.24)
    fair = 1 / (1 + 1.5 * melanin)
    dark = melanin * (1 + 0.10 * maps["eyelids"] * rng.uniform(0, 1.5) + 0.10 * maps["lips"] - 0.05 * maps["forehead"])
    dark = dark + 0.07 * maps["under_eye"] * rng.uniform(0.2, 1.3) + 0.05 * maps["crease"]
    red = blood + fair * (
        maps["cheeks"] * rng.uniform(0.02, 0.22)
        + maps["nose"] * rng.uniform(0.02, 0.18)
        + maps["ears"] * rng.uniform(0.08, 0.25)
        + maps["chin"] * rng.uniform(0.0, 0.09)
    )
    red = (
        red + maps["lips"] * rng.uniform(0.35, 0.75) * (0.55 + 0.45 * fair) + maps["eyelids"] * rng.uniform(0.02, 0.12)
    )
    red = red + 0.25 * maps["inner_lids"]
    variation = smooth @ rng.normal(0, 1, smooth.shape[1])
    dark = dark * np.exp(0.06 * variation) + 0.012 * maps["grain"]
    red = red + 0.018 * (smooth @ rng.normal(0, 1, smooth.shape[1])) + 0.015 * maps["grain"]
    skin = BASE * np.exp(-dark[:, None] * MELANIN - red[:, None] * HAEMOGLOBIN)
    beard = maps["beard"] * max(0.0, rng.normal(0.0, 0.22)) + maps["scalp"] * rng.uniform(0.0, 0.42)
    skin = skin + (hair * 0.9 + 0.08 - skin) * np.clip(beard, 0, 0.7)[:, None]
    inside = np.array([0.66, 0.33, 0.32]) * (1 - 0.72 * maps["depth"][:, None])
    return skin + (inside - skin) * maps["inside"][:, None]


def _eyes(head: Head, rng: np.random.Generator) -> Float64Array:
    angle, turn = head.eyes.angle, head.eyes.turn
    colour = IRISES[rng.choice(len(IRISES), p=IRIS_SHARES / IRIS_SHARES.sum())] * rng.uniform(0.85, 1.2)
    share = np.clip((angle - PUPIL) / (IRIS - PUPIL), 0, 1)
    fibres = 0.5 * np.sin(turn * 12 + 1.0) + 0.3 * np.sin(turn * 7 - 2.0) + 0.35 * np.sin(turn * 17 + 4 * share)
    bright = 1.05 + 0.22 * fibres * (0.4 + 0.6 * np.sin(np.pi * share)) + 0.45 * np.exp(-(((share - 0.3) / 0.18) ** 2))
    bright *= 1 - 0.6 * np.clip((share - 0.78) / 0.22, 0, 1) ** 1.5
    iris = colour * bright[:, None]
    white = SCLERA * (1 - np.clip((angle - 0.6) / 1.4, 0, 1)[:, None] * np.array([0.10, 0.24, 0.26]))
    result = np.where((angle < IRIS)[:, None], iris, white)
    return np.where((angle < PUPIL)[:, None], 0.012, result)


def _teeth(head: Head, piece: str, brightness: float) -> Float64Array:
    """Warmer towards the gum; the sides lie in the shade of lips and cheeks, which few renderers see."""
    rest = head.whole.rest[head.indices(piece)]
    up = 1.0 if piece.endswith("upper") else -1.0
    height = np.clip((rest[:, 1] - 6.67) * up / 0.1, 0, 1)[:, None]
    back = np.clip((1.36 - rest[:, 2]) / 0.45, 0, 1)[:, None]
    deep = np.clip(back / 0.45, 0, 1)
    deep = deep**2 * (3 - 2 * deep)
    walls = np.array([0.74, 0.86, 0.88])  # what light is left comes off red walls
    return TEETH * brightness * (1 - deep * walls) * (1 - height * [0.03, 0.06, 0.13] - back * [0.0, 0.04, 0.08])


def skin_maps(wheel: Wheel, head: Head) -> dict[str, Float64Array]:
    """Scalar maps (skin vertices,) in 0..1: where lips, lids, ears, cheeks, beard, scalp … are."""
    rest = head.skin.part.rest
    side = np.abs(rest[:, 0])
    masked = {name: _sampled(wheel, head, name) for name in ("lips", "eyelids", "ears", "inside-mouth")}

    def blob(x: float, y: float, z: float, size: tuple[float, float, float]) -> Float64Array:
        offset = (np.stack([side, rest[:, 1], rest[:, 2]], axis=1) - (x, y, z)) / size
        return np.exp(-(offset**2).sum(axis=1))

    smoother = averaging(head.skin.part.triangles, len(rest))
    masked["lips"][np.concatenate(head.skin.mouth_rings[:LIP_RINGS])] = 1
    lips = smoother @ (smoother @ masked["lips"])
    inside, depth = _inside(head)
    sockets = np.zeros(len(rest))
    for corner, uv in zip(head.skin.part.triangles.ravel(), head.skin.part.uv_triangles.ravel(), strict=True):
        if head.skin.islands[uv] >= 3:
            sockets[corner] = 1
    jaw = (
        blob(0.34, 6.52, 1.1, (0.26, 0.22, 0.32))
        + blob(0.0, 6.42, 1.4, (0.3, 0.17, 0.3))
        + 0.9 * blob(0.12, 6.84, 1.5, (0.17, 0.06, 0.2))
    )
    hairline = 7.78 + 0.12 * np.clip(rest[:, 2] - 0.9, 0, 0.4) - 0.75 * np.clip(0.85 - rest[:, 2], 0, 0.55)
    scalp = 1 / (1 + np.exp(-(rest[:, 1] - hairline) / 0.035))
    grain = np.random.default_rng(3).normal(0, 1, len(rest))
    return {
        "lips": np.clip(lips, 0, 1) * (1 - inside),
        "eyelids": smoother @ masked["eyelids"],
        "ears": smoother @ masked["ears"],
        "cheeks": blob(0.42, 6.98, 1.22, (0.2, 0.17, 0.3)),
        "nose": blob(0.0, 7.0, 1.55, (0.14, 0.13, 0.16)),
        "chin": blob(0.0, 6.42, 1.42, (0.16, 0.11, 0.2)),
        "forehead": blob(0.0, 7.8, 1.3, (0.4, 0.2, 0.4)),
        "under_eye": blob(0.27, 7.235, 1.34, (0.13, 0.045, 0.12)),
        "crease": blob(0.29, 7.43, 1.33, (0.15, 0.03, 0.1)),
        "beard": np.clip(jaw, 0, 1) * (1 - np.clip(lips * 3, 0, 1)) * (1 - masked["ears"]) * (rest[:, 1] > 6.1),
        "scalp": scalp * (1 - smoother @ masked["ears"]),
        "inner_lids": smoother @ sockets,
        "inside": inside,
        "depth": depth,
        "grain": (grain + grain[head.skin.part.mirror]) / np.sqrt(2),
    }


def _sampled(wheel: Wheel, head: Head, name: str) -> Float64Array:
    """A texture mask at the skin's vertices."""
    mask, uv = wheel.mask(name), head.skin.base_uv
    rows = np.clip(((1 - uv[:, 1]) * mask.shape[0]).astype(int), 0, mask.shape[0] - 1)
    columns = np.clip((uv[:, 0] * mask.shape[1]).astype(int), 0, mask.shape[1] - 1)
    values = np.zeros(len(head.skin.part.rest))
    values[head.skin.part.triangles.ravel()] = mask[rows, columns][head.skin.part.uv_triangles.ravel()]
    return (values + values[head.skin.part.mirror]) / 2


def _inside(head: Head) -> tuple[Float64Array, Float64Array]:
    """How far a skin vertex belongs to the inside of the mouth, and how deep it lies there."""
    part = head.skin.part
    inner = np.zeros(len(part.rest))
    faces = np.array([label == "mouth_inner" for label in part.labels])
    inner[part.triangles[faces].ravel()] = 1
    depth = np.clip((1.43 - part.rest[:, 2]) / 0.42, 0, 1) * inner
    return averaging(part.triangles, len(part.rest)) @ inner, depth


def eigenfunctions(head: Head, count: int) -> Float64Array:
    """The smoothest non-constant functions (skin vertices, count) on the skin, unit variance, falling amplitude."""
    part = head.skin.part
    pairs = edges(part.triangles)
    length = np.linalg.norm(part.rest[pairs[:, 0]] - part.rest[pairs[:, 1]], axis=1)
    weight = 1 / np.maximum(length, 0.004)
    number = len(part.rest)
    matrix = sparse.coo_matrix((weight, (pairs[:, 0], pairs[:, 1])), shape=(number, number))
    matrix = (matrix + matrix.T).tocsr()
    laplacian = sparse.diags(np.asarray(matrix.sum(axis=1)).ravel()) - matrix
    start = np.sin(np.arange(number) + 1.0)
    values, vectors = eigsh(laplacian.tocsc(), k=count + 1, sigma=-1e-3, v0=start)
    order = np.argsort(values)[1:]
    functions = vectors[:, order] / vectors[:, order].std(axis=0)
    return functions / np.sqrt(1 + np.arange(count))


def principal(colours: np.ndarray, mirror: IntArray, weight: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Mean (n, 3) and components (80, n, 3) of samples (s, n, 3) that are as likely as their mirror images.

    Such a distribution has components that are even or odd under mirroring; they are found apart. `colours` is used up.
    """
    mean = colours.mean(axis=0)
    mean = (mean + mean[mirror]) / 2
    colours -= mean
    parts, variances = [], []
    for sign in (1, -1):
        flat = ((colours + sign * colours[:, mirror]) / 2).reshape(len(colours), -1)
        weighted = flat * np.sqrt(np.repeat(weight, 3)).astype(np.float32)
        values, mixing = np.linalg.eigh((weighted @ weighted.T).astype(np.float64))
        best = np.argsort(-values, kind="stable")[:COMPONENTS]
        parts.append(mixing[:, best].T @ flat / np.sqrt(len(colours)))
        variances.append(values[best])
    order = np.argsort(-np.concatenate(variances), kind="stable")[:COMPONENTS]
    basis = np.concatenate(parts)[order]
    return mean.astype(np.float64), signed(basis).reshape(COMPONENTS, -1, 3)


def _weight(head: Head) -> Float64Array:
    """Each vertex counts by its area, the eyes and brows five times, so that their colours keep components."""
    rest, triangles = head.whole.rest, head.whole.triangles
    a, b, c = (rest[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    weight = np.zeros(len(rest))
    for k in range(3):
        np.add.at(weight, triangles[:, k], area / 3)
    for piece in ("eyes", "brows", "lashes"):
        weight[head.indices(piece)] *= 5
    return weight / weight.sum()
