"""Errors as the API tells them: a code for programs, a sentence and a next step for people."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from backend.told import Fact, ToldError

STATUS: Final[Mapping[str, int]] = {
    "unauthorised": 401,
    "foreign_origin": 403,
    "path_not_allowed": 403,
    "not_found": 404,
    "bad_request": 400,
    "wrong_method": 405,
    "conflict": 409,
    "too_large": 413,
    "bad_host": 421,
    "unknown_field": 422,
    "bad_audio": 422,
    "bad_image": 422,
    "bad_transcript": 422,
    "bad_style": 422,
    "bad_video": 422,
    "bad_texture": 422,
    "wrong_protocol": 426,
    "internal": 500,
    "interrupted": 500,
    "stalled": 500,
    "cancelled": 409,
    "missing_model": 503,
    "out_of_memory": 507,
    "disk_full": 507,
}

OUT_OF_MEMORY_ADVICE: Final = "Close other programs, or use a shorter recording or a smaller photo, and try again."
DISK_FULL_ADVICE: Final = "Free some space on the disk that holds Style Avatar's data folder and try again."
REPORT_ADVICE: Final = "Try again; if it happens again, send the report to the developers."

# By qualified name, so that the server need not import the modules (and torch) to know them.
_CODES: Final[Mapping[str, str]] = {
    "backend.media.AudioError": "bad_audio",
    "models.speech.phonetic.SpeechError": "bad_audio",
    "models.speech.decode.DecodeError": "bad_audio",
    "backend.photo.PhotoError": "bad_image",
    "backend.landmarks.LandmarkError": "bad_image",
    "backend.alignment.forced.AlignmentError": "bad_transcript",
    "models.motion.motion.MotionError": "bad_style",
    "models.motion.style_file.StyleFileError": "bad_style",
    "models.motion.style_code.StyleCodeError": "bad_style",
    "backend.media.VideoError": "bad_video",
    "models.take.TakeError": "bad_video",  # a clip to be measured may be a take
    "models.texture.dynamic.DynamicTextureError": "bad_texture",
    "backend.texture.bake.BakeError": "bad_texture",
    "backend.render.renderers.RendererError": "missing_model",
    "models.speech.whisper_encoder.WeightsError": "missing_model",
    "models.weight_card.WeightCardError": "missing_model",
    "models.face.model.FaceModelError": "missing_model",
    "backend.model_store.ModelStoreError": "missing_model",
    "torch.OutOfMemoryError": "out_of_memory",
    "torch.cuda.OutOfMemoryError": "out_of_memory",
    "builtins.MemoryError": "out_of_memory",
}
_OUT_OF_MEMORY_WORDS: Final = (
    *("can't allocate memory", "cannot allocate memory", "out of memory", "bad_alloc"),
    *("could not create a primitive", "could not create a memory"),  # oneDNN's words for it
)


class Problem(BaseModel):
    """An error as JSON: `message` says what is wrong, `advice` what to do, `details` is for the log.

    `reason`: which of the code's errors it is, where it has several; `parameters`: the names and numbers in the text.
    Both are there to say it in another language; docs/api.md lists them.
    """

    code: str
    message: str
    advice: str
    details: str | None = None
    reason: str = ""
    parameters: dict[str, Fact] = {}


class ApiError(Exception):
    """A request is refused."""

    def __init__(
        self, code: str, message: str, advice: str, details: str | None = None, reason: str = "", **parameters: Fact
    ) -> None:
        super().__init__(message)
        self.problem = Problem(
            code=code, message=message, advice=advice, details=details, reason=reason, parameters=parameters
        )

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return STATUS[self.problem.code]

    def document(self) -> dict[str, Any]:
        """The response's body."""
        return {"error": self.problem.model_dump()}


def problem_of(error: BaseException, details: str | None = None) -> Problem:
    """What to tell of an exception that ended a job or a request."""
    code = _code(error)
    if code == "out_of_memory":
        return Problem(
            code=code, message="There was not enough memory for this.", advice=OUT_OF_MEMORY_ADVICE, details=details
        )
    if code == "disk_full":
        return Problem(code=code, message="The disk is full.", advice=DISK_FULL_ADVICE, details=details)
    if isinstance(error, ModuleNotFoundError):
        return Problem(
            code=code,
            message=f"A Python package is missing ({error}).",
            advice="Install the environment again (make setup).",
            details=details,
            reason="package_missing",
            parameters={"package": error.name or ""},
        )
    if code == "internal":
        return Problem(
            code=code,
            message=f"Something went wrong inside the backend ({type(error).__name__}: {error}).",
            advice=REPORT_ADVICE,
            details=details,
        )
    message, _, advice = str(error).rpartition("; ")  # the house's errors end in what to do
    return Problem(
        code=code,
        message=_sentence(message or advice),
        advice=_sentence(advice if message else "give another file or setting"),
        details=details,
        reason=error.reason if isinstance(error, ToldError) else "",
        parameters=error.facts if isinstance(error, ToldError) else {},
    )


def _code(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "disk_full"
    for kind in type(error).__mro__:
        if code := _CODES.get(f"{kind.__module__}.{kind.__name__}"):
            return code
    text = str(error).lower()
    if "database or disk is full" in text:
        return "disk_full"
    return "out_of_memory" if any(words in text for words in _OUT_OF_MEMORY_WORDS) else "internal"


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
