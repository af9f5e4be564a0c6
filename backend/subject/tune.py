"""Training the neural renderer on one subject."""

from __future__ import annotations

from backend.render.renderers import load_renderer


def require_tuning() -> None:
    """Refuse at once: there is no such training yet, whether or not the renderer has weights.

    Raises:
        RendererError: the neural renderer is not installed.
        ValueError: it is, but cannot be trained on a subject.
    """
    load_renderer("neural")
    raise ValueError("the neural renderer cannot be trained on a subject yet; leave --tune out")
