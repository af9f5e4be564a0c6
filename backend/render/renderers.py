"""Which renderer draws the face."""

from __future__ import annotations

from typing import Final

from backend.render.buffers import Renderer, raster
from models.weight_card import WeightCardError

RENDERERS: Final = ("raster", "neural", "original")


class RendererError(ValueError):
    """A renderer is unknown or not installed; the message says what to do."""


def load_renderer(name: str) -> Renderer:
    """The renderer called `name`.

    Raises:
        RendererError: there is no such renderer, or it is not installed.
    """
    if name == "raster":
        return raster
    if name == "neural":
        return _neural()
    if name == "original":
        raise RendererError(
            "the original's renderer draws its own face model and cannot draw another's buffers; "
            "`style-avatar render --renderer original` shows takes of `animate --family original`"
        )
    raise RendererError(f"there is no renderer {name!r}; choose {', '.join(RENDERERS)}")


def _neural() -> Renderer:
    from backend.render.neural import NeuralRenderer
    from backend.render.neural_runtime import make_runtime  # torch, only where it is needed
    from models.render import deferred

    try:
        return NeuralRenderer(make_runtime(deferred.load()))
    except (WeightCardError, ValueError) as error:
        raise RendererError(f"the neural renderer cannot be used: {error}; or choose --renderer raster") from error
