"""Speaking styles and what else a request may choose, and mixing styles."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from backend.motions import DEFAULT_MOTION, MOTIONS, MotionName
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


class MotionEntry(BaseModel):
    """Who can move a face; `default`: whether it does where a request names none."""

    name: MotionName
    description: str
    default: bool


class Styles(BaseModel):
    """What a request may name."""

    styles: list[StyleEntry]
    sliders: list[str]
    motions: list[MotionEntry]


@router.get("")
def every() -> Styles:
    """The styles that requests may name, the sliders on top of them, and who can move a face."""
    motions = [
        MotionEntry(name=name, description=description, default=name == DEFAULT_MOTION)
        for name, description in MOTIONS.items()
    ]
    return Styles(styles=[StyleEntry(**style) for style in listing()], sliders=list(CHANNELS), motions=motions)


@router.post("/mix")
def mix(request: MixRequest) -> dict[str, Any]:
    """A style between others, as a document that requests can carry; nothing is kept here."""
    return mixed_document(request)
