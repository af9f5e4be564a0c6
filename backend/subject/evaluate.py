"""How near a learned texture comes to pictures it was not learned from, beside the best still texture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from backend.progress import Progress, silent
from backend.subject.learn import Learned, exposure, spread
from backend.subject.observer import Observer
from backend.subject.redraw import Placed, Redrawer
from backend.subject.shot import Shot
from models.coefficients import EXPRESSION

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]
Region = Callable[[int, Placed], Float32Array]
"""(picture, placed head) → (P, P) 0..1, the pixels that count."""

MOST_PICTURES: Final = 100
EXAMPLES: Final = 4
CHANGES: Final = 4.0  # sRGB steps, deviation of the learned texture over the clip from which a texel changes
FEW_TEXELS: Final = 128


@dataclass(eq=False)
class Score:
    """Sums over pictures: squared differences and pixels for PSNR, similarity and pixels for SSIM."""

    squares: float = 0.0
    similar: float = 0.0
    pixels: float = 0.0

    def add(self, square: Float32Array, similar: Float32Array, weight: Float32Array) -> None:
        """One picture: squared difference, similarity, and weight of each pixel, (P, P)."""
        self.squares += float((square * weight).sum())
        self.similar += float((similar * weight).sum())
        self.pixels += float(weight.sum())

    @property
    def psnr(self) -> float:
        """Decibels."""
        return float(10 * np.log10(255**2 / max(self.squares / max(self.pixels, 1e-9), 1e-9)))

    @property
    def ssim(self) -> float:
        """0..1."""
        return self.similar / max(self.pixels, 1e-9)


@dataclass(eq=False)
class Scores:
    """Scores by region and kind of texture, "still" and "dynamic"; examples: rows (h, w, 3): picture and both."""

    regions: dict[str, dict[str, Score]] = field(default_factory=dict)
    examples: list[UInt8Array] = field(default_factory=list)

    def gain(self, region: str) -> float | None:
        """Decibels that the dynamic texture comes nearer in a region; None where it has no pixel."""
        kinds = self.regions.get(region, {})
        if not kinds or any(score.pixels <= 0 for score in kinds.values()):
            return None
        return kinds["dynamic"].psnr - kinds["still"].psnr

    def facts(self) -> dict[str, dict[str, dict[str, float]]]:
        """Rounded numbers; regions without a pixel are left out."""
        return {
            region: {kind: {"psnr": round(s.psnr, 2), "ssim": round(s.ssim, 4)} for kind, s in kinds.items()}
            for region, kinds in self.regions.items()
            if all(s.pixels > 0 for s in kinds.values())
        }


def changing_texels(learned: Learned, expressions: Float32Array) -> Float32Array:
    """(S, S) 1 where the learned texture changes over `expressions` (T, 64) by more than `CHANGES`."""
    texture = learned.texture
    active = texture.activations(expressions)
    moving = np.cov(active.T).reshape(active.shape[1], active.shape[1]) if active.shape[1] else np.zeros((0, 0))
    variance = np.einsum("kyxc,kl,lyxc->yxc", texture.residuals, moving, texture.residuals, optimize=True).mean(axis=2)
    return np.asarray(np.sqrt(np.maximum(variance, 0)) > CHANGES, dtype=np.float32)


def evaluate(
    shot: Shot,
    learned: Learned,
    indices: Sequence[int],
    regions: Mapping[str, Region] | None = None,
    progress: Progress = silent,
) -> Scores:
    """Draw the pictures `indices` again with the still and with the dynamic texture.

    A picture's exposure is found against the still texture and given to both. Pixels outside of the clip's picture
    count for nothing. regions: None for the whole head, the skin that the pictures taught, and what of it changes.
    """
    chosen = spread(indices, MOST_PICTURES)
    changing = changing_texels(learned, shot.coefficients[list(learned.indices), EXPRESSION])
    face = (learned.trust > 0.5).astype(np.float32)
    regions = regions or {
        "head": lambda _, placed: placed.head,
        "face": lambda _, placed: placed.sampled(face),
        "skin that changes": lambda _, placed: placed.sampled(changing),
    }
    scores = Scores({name: {kind: Score() for kind in ("still", "dynamic")} for name in regions})
    redrawer, observer = Redrawer(shot), Observer(shot, FEW_TEXELS)
    step = len(learned.still) // FEW_TEXELS
    few = learned.still[step // 2 :: step, step // 2 :: step].astype(np.float32)
    for done, (index, image) in enumerate(shot.pictures(chosen), start=1):
        placed = redrawer.place(index)
        seen = observer(index, image)
        gain = exposure(seen.texture.reshape(-1, 3), seen.weight.ravel(), few.reshape(-1, 3))
        shown = redrawer.view.window.pixels(image, redrawer.view.size).astype(np.float32)
        inside = observer.inside(image.shape)
        textures = {
            "still": learned.still.astype(np.float32),
            "dynamic": learned.texture.evaluate(shot.coefficients[index, EXPRESSION]),
        }
        drawn = {kind: redrawn(placed, texture, gain, shown) for kind, texture in textures.items()}
        likeness = {kind: compared(picture, shown, placed.head) for kind, picture in drawn.items()}
        if done % max(1, len(chosen) // EXAMPLES) == 0 and len(scores.examples) < EXAMPLES:
            scores.examples.append(row_of([shown, *drawn.values()], inside))
        for name, region in regions.items():
            weight = region(index, placed) * inside
            for kind, measured in likeness.items():
                scores.regions[name][kind].add(*measured, weight)
        progress("evaluate", done, len(chosen))
    return scores


def row_of(pictures: Sequence[Float32Array], inside: Float32Array) -> UInt8Array:
    """Pictures (P, P, 3) side by side, cut to what lies `inside` (P, P) of the clip's."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.clip(np.rint(np.hstack([picture[box] for picture in pictures])), 0, 255).astype(np.uint8)


def compared(drawn: Float32Array, shown: Float32Array, head: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Squared difference and similarity (SSIM) of each pixel, (P, P), of two pictures (P, P, 3), around the head."""
    rows, columns = np.flatnonzero(head.any(axis=1)), np.flatnonzero(head.any(axis=0))
    box = np.s_[max(rows[0] - 6, 0) : rows[-1] + 7, max(columns[0] - 6, 0) : columns[-1] + 7]
    square, similar = np.zeros_like(head), np.zeros_like(head)
    square[box] = ((drawn[box] - shown[box]) ** 2).mean(axis=2)
    _, full = structural_similarity(
        drawn[box], shown[box], channel_axis=2, data_range=255, gaussian_weights=True, sigma=1.5, full=True
    )
    similar[box] = full.mean(axis=2)
    return square, similar


def redrawn(placed: Placed, texture: Float32Array, gain: Float32Array, behind: Float32Array) -> Float32Array:
    """(P, P, 3) the head with `texture` before what the picture has `behind` it."""
    return placed.drawn(texture, gain) + (1 - placed.head[..., None]) * behind
