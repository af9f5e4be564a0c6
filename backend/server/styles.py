"""Styles in requests: checked before a job is queued, so that a misspelt one costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.server.errors import ApiError, Problem, problem_of
from backend.server.schemas import MixRequest
from models.motion.motion import MotionError
from models.motion.style_choice import given_style, mix
from models.motion.style_file import to_json
from models.motion.styles import checked_sliders


def check_style(style: str | Mapping[str, Any], sliders: Mapping[str, float]) -> None:
    """Accept a style, named or as a document, and sliders that the motion model knows.

    Raises:
        ApiError: `bad_style`.
    """
    try:
        checked_sliders(sliders)
        given_style(style)
    except MotionError as error:
        raise from_problem(problem_of(error)) from error


def mixed_document(request: MixRequest) -> dict[str, Any]:
    """The mix of a request's styles as a style document.

    Raises:
        ApiError: `bad_style`.
    """
    try:
        documents = [given_style(part.style) for part in request.parts]
        return to_json(mix(documents, [part.share for part in request.parts], request.name or ""))
    except MotionError as error:
        raise from_problem(problem_of(error)) from error


def from_problem(problem: Problem) -> ApiError:
    """A problem as the answer to a request."""
    return ApiError(
        problem.code, problem.message, problem.advice, problem.details, problem.reason, **problem.parameters
    )
