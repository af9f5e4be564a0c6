"""What the worker does with a job: the pipeline, with models, voices and faces kept warm between jobs."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from backend.blender import write_head_file
from backend.landmarks import Detector, MediaPipeDetector
from backend.media import AudioError, VideoError, expected_seconds
from backend.photo import read_photo
from backend.progress import Progress
from backend.server.limits import MAX_AUDIO_SECONDS, MAX_VIDEO_SECONDS
from backend.server.streaming import FramesReady, Heard, Overheard, by_rules, by_the_network, kept_in
from backend.server.warm import Warm
from backend.style.measure import measure_style
from backend.synthesis import TEXTURE_SIZE, Person, Speech, default_person, hear, meet, perform
from backend.texture.unwrap import albedo_texture
from models import take as take_file
from models.coefficients import FPS
from models.face import open_head
from models.motion.learned.model import LearnedMotion
from models.motion.style_choice import given_style
from models.motion.style_file import to_json
from models.speech.phones import RATE
from models.speech.phonetic import PhoneticEncoder
from models.whole_file import whole_file

WARM_SPEECH_SECONDS: Final = 3600.0  # a second of speech holds about 19 kB
WARM_PEOPLE: Final = 16  # 4 MB each, texture and its PNG


@dataclass(frozen=True)
class Order:
    """A job as the worker gets it. `inputs`: {"file", "sha256"} by what the file is; paths are the server's own."""

    id: str
    request: Mapping[str, Any]
    inputs: Mapping[str, Mapping[str, str]]
    inputs_folder: Path
    results: Path
    frames: Path

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Order:
        """The order in a message of the server."""
        paths = {name: Path(message[name]) for name in ("inputs_folder", "results", "frames")}
        return cls(id=message["id"], request=message["request"], inputs=message["inputs"], **paths)

    def input(self, what: str) -> Path:
        """The file that is the job's `what`."""
        return self.inputs_folder / what / self.inputs[what]["file"]

    @property
    def motion(self) -> str:
        """Who moves; jobs that were queued when there was no choice were meant for the rules."""
        return str(self.request.get("motion", "articulator"))


@dataclass(frozen=True, eq=False)
class _Face:
    person: Person
    png: bytes


class Workshop:
    """The models, loaded once, and what was made with them."""

    def __init__(self, geometry: Path) -> None:
        """Load the models and write the face model's geometry into the folder `geometry`, named by its hash.

        Raises:
            WeightsError, FaceModelError: weights are missing or damaged.
        """
        self._face_model = open_head.load()
        self._encoder = PhoneticEncoder.load(device())
        self._learned = LearnedMotion.load(self._face_model)  # on the processor: a tenth of the encoder's work
        self._detector: Detector | None = None
        self._speeches: Warm[Speech] = Warm(WARM_SPEECH_SECONDS, lambda speech: speech.seconds)
        self._faces: Warm[_Face] = Warm(WARM_PEOPLE)
        target = geometry / f"{self._face_model.sha256}.npz"
        if not target.exists():
            with whole_file(target) as partial:
                write_head_file(self._face_model, partial)

    def animate(self, order: Order, progress: Progress, frames_ready: FramesReady) -> dict[str, Any]:
        """Make the take and the texture of an `animate` order; returns the job's result."""
        request = order.request
        face = self._face(order, progress)
        speech = self._speech(order, face.person, progress, frames_ready)
        take = self._perform(order, speech, face.person, progress)
        take_file.save(take, order.results / "take.npz")
        with whole_file(order.results / "texture.png") as partial:
            partial.write_bytes(face.png)
        return {
            "seconds": round(take.seconds, 6),
            "fps": take.fps,
            "style": given_style(request["style"]).name,
            "motion": order.motion,
            "face_model": {"name": request["face_model"], "sha256": self._face_model.sha256},
        }

    def measure(self, order: Order, progress: Progress) -> dict[str, Any]:
        """Measure the style of a `measure` order's video; returns the job's result."""
        video, name = order.input("video"), order.request["name"]
        _check_video(video)
        document = measure_style(video, name=name, face_model=self._face_model, progress=progress)
        return {"style": to_json(document)}

    def _face(self, order: Order, progress: Progress) -> _Face:
        if "image" in order.inputs:
            return self._faces.get(order.inputs["image"]["sha256"], lambda: self._meet(order.input("image"), progress))
        given = order.request["person"]
        return self._faces.get(json.dumps(given, sort_keys=True), lambda: self._known(given))

    def _meet(self, photo: Path, progress: Progress) -> _Face:
        self._detector = self._detector or MediaPipeDetector()
        person = meet(read_photo(photo), self._face_model, self._detector, progress)
        return _Face(person, _png(person))

    def _known(self, given: Mapping[str, Any] | None) -> _Face:
        """The face that a request describes in numbers, or the average one."""
        if given is None:
            person = default_person(self._face_model)
        else:
            identity, albedo, gamma = (np.array(given[name], np.float32) for name in ("identity", "albedo", "gamma"))
            texture = albedo_texture(self._face_model, albedo, TEXTURE_SIZE)
            person = Person(identity, albedo, gamma, texture, None)
        return _Face(person, _png(person))

    def _speech(self, order: Order, person: Person, progress: Progress, frames_ready: FramesReady) -> Speech:
        """What is said, heard once for every motion; the first frames are made on the way."""
        audio, transcript, learned = order.input("audio"), order.request["transcript"], self._learned
        seconds, longest = _checked_audio(audio), MAX_AUDIO_SECONDS
        if transcript is None:  # a transcript has been laid over all of the recording before this is listened to
            learned = Overheard(learned, self._early(order, person, seconds, frames_ready))

        def heard() -> Speech:
            return hear(
                audio, transcript=transcript, encoder=self._encoder, learned=learned, longest=longest, progress=progress
            )

        speech = self._speeches.get((order.inputs["audio"]["sha256"], transcript), heard)
        return replace(speech, facts={**speech.facts, "name": audio.name})

    def _early(self, order: Order, person: Person, seconds: float, frames_ready: FramesReady) -> Heard:
        """Makes frames of a recording while it is heard, which lasts for `seconds` (0: not known)."""
        so_far = by_rules(lambda speech: self._perform(order, speech, person, _quiet))
        if order.motion == "learned":
            style, lasts = given_style(order.request["style"]), math.ceil(seconds * RATE - 1e-6) / RATE
            manner = style, order.request["seed"], order.request["sliders"], FPS, lasts or None
            so_far = by_the_network(self._learned.performer(*manner), person)
        return kept_in(order.frames, so_far, math.ceil(seconds * FPS - 1e-6) or None, frames_ready)

    def _perform(self, order: Order, speech: Speech, person: Person, progress: Progress) -> take_file.Take:
        return perform(
            speech,
            person,
            self._face_model,
            style=given_style(order.request["style"]),
            sliders=order.request["sliders"],
            seed=order.request["seed"],
            learned=self._learned if order.motion == "learned" else None,
            progress=progress,
        )


def device() -> str:
    """The torch device that the models run on."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def device_facts() -> dict[str, str]:
    """The device's kind and name, as the API tells them."""
    import torch

    kind = device()
    return {"kind": kind, "name": torch.cuda.get_device_name() if kind == "cuda" else _cpu_name()}


def _cpu_name() -> str:
    with contextlib.suppress(OSError):  # Linux alone tells the name; platform.processor() there says x86_64
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found.group(1)
    return platform.processor() or platform.machine()


def file_entries(folder: Path) -> list[dict[str, Any]]:
    """A job's files as the API lists them."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
    return [{"name": file.name, "bytes": file.stat().st_size, "sha256": _sha256(file)} for file in files]


def _checked_audio(audio: Path) -> float:
    """How long a recording says it is, in seconds; 0 where it does not say.

    Raises:
        AudioError: longer than the server takes.
    """
    seconds, limit = expected_seconds(audio), MAX_AUDIO_SECONDS / 3600
    if seconds > MAX_AUDIO_SECONDS:
        message = f"{audio.name} is {seconds / 3600:.1f} hours long, at most {limit:g} are taken; cut it into parts"
        raise AudioError(message, "audio_too_long", limit=limit)
    return seconds


def _check_video(video: Path) -> None:
    """Refuse a clip that says it is longer than the server takes; of shorter ones the first minute is looked at.

    Raises:
        VideoError: it is.
    """
    seconds, limit = expected_seconds(video), MAX_VIDEO_SECONDS / 3600
    if seconds > MAX_VIDEO_SECONDS:
        message = f"{video.name} is {seconds / 3600:.1f} hours long, at most {limit:g} are taken"
        raise VideoError(f"{message}; cut out the minute to be measured", "video_too_long", limit=limit)


def _png(person: Person) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(person.texture).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _quiet(stage: str, done: int, total: int) -> None:
    """Provisional frames report no stage of their own."""
