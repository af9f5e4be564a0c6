"""Styles in requests: known before a job is queued, so that a misspelt one costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.server.errors import ApiError, Problem, problem_of
from models.motion.motion import MotionError
from models.motion.styles import checked_sliders, style_named


def check_style(style: str | Mapping[str, Any], sliders: Mapping[str, float]) -> None:
    """Accept a style and sliders that the motion model knows.

    Raises:
        ApiError: `bad_style`.
    """
    try:
        checked_sliders(sliders)
        if not isinstance(style, str):
            raise MotionError("style documents are not supported yet; name a style")
        style_named(style)
    except MotionError as error:
        raise from_problem(problem_of(error)) from error


def from_problem(problem: Problem) -> ApiError:
    """A problem as the answer to a request."""
    return ApiError(problem.code, problem.message, problem.advice, problem.details)
