"""What requests and documents look like; unknown fields, NaN and infinity are errors."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from backend.motions import DEFAULT_MOTION, MotionName
from backend.server.errors import Problem

MAX_TRANSCRIPT: Final = 200_000  # characters; two hours of fast speech have about half of that
MAX_NAME: Final = 100
MAX_PARTS: Final = 16
MAX_SEED: Final = 2**63 - 1

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
Coefficient = Annotated[float, Field(ge=-1000, le=1000)]  # in standard deviations; real faces stay within 5
Identity = Annotated[list[Coefficient], Field(min_length=80, max_length=80)]
Gamma = Annotated[list[Coefficient], Field(min_length=27, max_length=27)]
Style = Name | dict[str, Any]


class Strict(BaseModel):
    """No unknown field, no silent conversion, no NaN."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)


class Source(Strict):
    """A file: sent with the request (`upload`: the part's name), or read from an allowed folder (`path`)."""

    upload: Name | None = None
    path: Annotated[str, Field(min_length=1, max_length=4096)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Source:
        if (self.upload is None) == (self.path is None):
            raise ValueError('give either {"upload": part name} or {"path": absolute path}')
        return self


class Person(Strict):
    """A head that is already in the scene: its coefficients."""

    identity: Identity
    albedo: Identity
    gamma: Gamma


class AnimateRequest(Strict):
    """Let a face say a recording. `motion`: who moves it, the learned network or the articulator's rules."""

    kind: Literal["animate"]
    audio: Source
    image: Source | None = None
    person: Person | None = None
    motion: MotionName = DEFAULT_MOTION
    style: Style = "neutral"
    sliders: dict[str, Annotated[float, Field(ge=0, le=2)]] = {}
    transcript: Annotated[str, Field(max_length=MAX_TRANSCRIPT)] | None = None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0
    face_model: Literal["open_head"] = "open_head"

    @model_validator(mode="after")
    def _one_face(self) -> AnimateRequest:
        if self.image is not None and self.person is not None:
            raise ValueError("give an image or a person, not both")
        return self

    def sources(self) -> dict[str, Source]:
        """The files that the request names, by what they are."""
        return {name: source for name in ("audio", "image") if (source := getattr(self, name)) is not None}


class MeasureRequest(Strict):
    """Measure the speaking style of a person in a video."""

    kind: Literal["measure"]
    video: Source
    name: Name

    def sources(self) -> dict[str, Source]:
        """The files that the request names, by what they are."""
        return {"video": self.video}


class TexturesRequest(Strict):
    """Textures that live on a head.

    mode: "live", images and what drives them, of `dynamic` (a person's own dynamic texture) or of the face model; or
    "baked", a picture for every frame of `take`, by `dynamic` or by `texture` with the face model's live maps.
    """

    kind: Literal["textures"]
    mode: Literal["live", "baked"]
    take: Source | None = None
    texture: Source | None = None
    dynamic: Source | None = None
    renderer: Literal["raster", "neural"] = "raster"
    size: Annotated[int, Field(ge=256, le=2048)] = 1024
    face_model: Literal["open_head"] = "open_head"

    @model_validator(mode="after")
    def _enough(self) -> TexturesRequest:
        if self.mode == "baked" and (self.take is None or (self.texture is None and self.dynamic is None)):
            raise ValueError("baked textures need a take, and a texture or a dynamic texture")
        if self.mode == "live" and (self.take is not None or self.texture is not None):
            raise ValueError("live textures take neither a take nor a texture")
        return self

    def sources(self) -> dict[str, Source]:
        """The files that the request names, by what they are."""
        found = {name: getattr(self, name) for name in ("take", "texture", "dynamic")}
        return {name: source for name, source in found.items() if source is not None}


AnyRequest = AnimateRequest | MeasureRequest | TexturesRequest


class JobRequest(RootModel[Annotated[AnyRequest, Field(discriminator="kind")]]):
    """Any kind of job."""


class Share(Strict):
    """One style of a mix."""

    style: Style
    share: Annotated[float, Field(ge=0, le=1)]


class MixRequest(Strict):
    """Styles to mix, by shares of their sum."""

    parts: Annotated[list[Share], Field(min_length=1, max_length=MAX_PARTS)]
    name: Name | None = None


class Stage(BaseModel):
    """What a running job is at: a stage's name, how many of its steps are done, and of how many."""

    name: str
    done: int
    total: int


class Frames(BaseModel):
    """How many frames can be fetched already; provisional until the job is done."""

    ready: int = 0
    total: int | None = None


class FileEntry(BaseModel):
    """A file of a finished job."""

    name: str
    bytes: int
    sha256: str


State = Literal["queued", "running", "done", "failed", "cancelled"]
FINISHED: Final[frozenset[str]] = frozenset({"done", "failed", "cancelled"})


class JobDocument(BaseModel):
    """A job; `position`: how many queued jobs are before it."""

    id: str
    kind: Literal["animate", "measure", "textures"]
    state: State
    position: int | None = None
    created: str
    started: str | None = None
    finished: str | None = None
    stage: Stage | None = None
    frames: Frames
    files: list[FileEntry]
    result: dict[str, Any] | None = None
    error: Problem | None = None
    cached: bool = False


class ErrorDocument(BaseModel):
    """The body of every refused request."""

    error: Problem
