"""Which renderer draws the face."""

from __future__ import annotations

from typing import Final

from backend.render.buffers import Renderer, raster

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
        raise RendererError("the neural renderer is not installed: this version has no weights for it; use raster")
    if name == "original":
        raise RendererError(
            "the original's renderer draws its own face on grey and is not part of `render`; "
            "`style-avatar animate --family original` writes its video"
        )
    raise RendererError(f"there is no renderer {name!r}; choose {', '.join(RENDERERS)}")
