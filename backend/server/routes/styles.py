"""Speaking styles: which there are, and mixing them."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from models.motion.streams import CHANNELS
from models.motion.styles import STYLES

router = APIRouter(prefix="/v1/styles", tags=["styles"])


class StyleEntry(BaseModel):
    """A style that can be named."""

    name: str
    description: str
    builtin: bool


class Styles(BaseModel):
    """What a request may name."""

    styles: list[StyleEntry]
    sliders: list[str]


@router.get("")
def every() -> Styles:
    """The styles that requests may name, and the sliders on top of them."""
    entries = [StyleEntry(name=style.name, description=style.description, builtin=True) for style in STYLES.values()]
    return Styles(styles=entries, sliders=list(CHANNELS))
