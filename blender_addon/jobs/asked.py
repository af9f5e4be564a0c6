"""What the artist asked for, made into a request to the backend; runs in a thread (no bpy)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..connection.client import Backend
from ..files.style_file import read_style
from ..trouble import ClientError

FACE_MODEL: Final = "open_head"

Style = str | dict[str, Any]
StyleSource = Callable[[Backend], Style]
"""Finds the style, by asking the backend or reading a file; raises ClientError."""


@dataclass(frozen=True)
class Asked:
    """A voice (file) and a photo (file, None for the average face) or a `person` who is already in the scene.

    motion: what moves the face, by the backend's name.
    """

    voice: Callable[[], Path]
    style: StyleSource
    image: Path | None = None
    person: Mapping[str, Any] | None = None
    motion: str = "learned"
    sliders: Mapping[str, float] = field(default_factory=dict)
    transcript: str = ""
    seed: int = 0

    def request(self, backend: Backend) -> tuple[dict[str, Any], dict[str, Path]]:
        """The request and the files it names; blocks.

        Raises:
            ClientError: a file is not there, or the style cannot be made.
        """
        files = {"voice": existing(self.voice(), "voice")}
        if self.image is not None:
            files["photo"] = existing(self.image, "photo")
        request = {
            "kind": "animate",
            "audio": {"upload": "voice"},
            "image": {"upload": "photo"} if self.image is not None else None,
            "person": dict(self.person) if self.person is not None else None,
            "motion": self.motion,
            "style": self.style(backend),
            "sliders": dict(self.sliders),
            "transcript": self.transcript.strip() or None,
            "seed": self.seed,
            "face_model": FACE_MODEL,
        }
        return request, files


def existing(path: Path, what: str) -> Path:
    """`path`, if a file is there.

    Raises:
        ClientError: there is none.
    """
    if not path.is_file():
        message, facts = f"There is no {what} {path.name}.", {"file": path.name}
        raise ClientError("cannot_read", message, "Choose the file again.", "", "file_missing", facts)
    return path


def named(name: str) -> StyleSource:
    """A style that the backend knows by name."""
    return lambda backend: name


def from_document(document: dict[str, Any]) -> StyleSource:
    """A style that was measured before."""
    return lambda backend: document


def from_file(path: Path) -> StyleSource:
    """A style file."""
    return lambda backend: read_style(path)


def mixed(first: StyleSource, second: StyleSource, share: float) -> StyleSource:
    """`share` (0..1) of the second style and the rest of the first."""
    return lambda backend: backend.mix([(first(backend), 1.0 - share), (second(backend), share)])


def fetch_geometry(backend: Backend, heads: Path) -> Path:
    """The geometry of the face model that requests name, from the folder `heads` or from the backend.

    Raises:
        ClientError: the backend does not have the face model, or cannot be reached.
    """
    hashes = {str(one.get("name")): str(one.get("sha256")) for one in backend.face_models()}
    if FACE_MODEL not in hashes:
        raise ClientError("missing_model", f"The backend has no {FACE_MODEL}.", "Install Style Avatar again.")
    path = heads / f"{hashes[FACE_MODEL]}.npz"
    if not path.is_file():
        backend.download_face_model(hashes[FACE_MODEL], path)
    return path
