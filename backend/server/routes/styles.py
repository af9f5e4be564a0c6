"""Speaking styles: which there are, and mixing them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from backend.server.schemas import MixRequest
from backend.server.strict_json import StrictRoute
from backend.server.styles import mixed_document
from models.motion.streams import CHANNELS
from models.motion.style_choice import listing

router = APIRouter(prefix="/v1/styles", tags=["styles"], route_class=StrictRoute)


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
    return Styles(styles=[StyleEntry(**style) for style in listing()], sliders=list(CHANNELS))


@router.post("/mix")
def mix(request: MixRequest) -> dict[str, Any]:
    """A style between others, as a document that requests can carry; nothing is kept here."""
    return mixed_document(request)
