"""Which renderer draws the face."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from backend.render.buffers import Renderer, raster
from models.weight_card import WeightCardError

RENDERERS: Final = ("raster", "neural", "original")


class RendererError(ValueError):
    """A renderer is unknown or not installed; the message says what to do."""


def load_renderer(name: str, tuned: Path | None = None) -> Renderer:
    """The renderer called `name`; tuned: a subject's file of `models.render.adaptation`, for the neural one.

    Raises:
        RendererError: there is no such renderer, it is not installed, or `tuned` is not for it.
    """
    if name == "raster":
        return raster
    if name == "neural":
        return _neural(tuned)
    if name == "original":
        raise RendererError(
            "the original's renderer draws its own face model and cannot draw another's buffers; "
            "`style-avatar render --renderer original` shows takes of `animate --family original`"
        )
    raise RendererError(f"there is no renderer {name!r}; choose {', '.join(RENDERERS)}")


def _neural(tuned: Path | None) -> Renderer:
    from backend.render.neural import NeuralRenderer
    from backend.render.neural_runtime import make_runtime  # torch, only where it is needed
    from models.render import deferred
    from models.render.adaptation import adapted

    try:
        network = deferred.load()
        return NeuralRenderer(make_runtime(adapted(network, tuned) if tuned else network))
    except (WeightCardError, ValueError) as error:
        raise RendererError(f"the neural renderer cannot be used: {error}; or choose --renderer raster") from error
