"""What has been computed so far, made ready for Blender in a thread of its own (no bpy).

Reading a head and turning coefficients into keys takes tenths of a second, which the window would feel.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..background import Background
from ..files import head_file, take_file
from ..files.head_file import HeadFile
from ..files.take_file import TakeFile
from ..motion.performance import Performance, perform
from ..motion.pose import Mode

Float32Array = NDArray[np.float32]

GROWTH: Final = 1.25  # provisional keys are written anew when there are so many times as many frames


@dataclass(frozen=True, eq=False)
class Ready:
    """Something to build: a head, whose it is, and keys.

    fps: of the scene; frames: how many frames of the scene there will be, as far as is known.
    final: whether this is the take; then `texture` is the photo on the UV square, if there is one.
    """

    head: HeadFile
    take: TakeFile
    performance: Performance
    final: bool = False
    texture: Path | None = None


class Feed:
    """Turns what a job has delivered into `Ready` objects; `ready` is always the newest.

    fps: of the scene, None for the take's own; meta: what will be known of the take (voice, style), for the names.
    """

    def __init__(self, fps: float | None, meta: dict[str, object], pose: Mode = "take") -> None:
        self.ready: Ready | None = None
        self._fps, self._meta, self._pose = fps, meta, pose
        self._head: tuple[Path, HeadFile] | None = None
        self._work: Background[Ready] | None = None
        self._asked = 0

    def offer_frames(self, geometry: Path, coefficients: Float32Array, fps: float) -> None:
        """Frames (n, 257) that are computed so far; ignored while the last ones are being made ready."""
        if self._busy() or len(coefficients) < max(1, GROWTH * self._asked):
            return
        self._asked = len(coefficients)
        self._work = Background(self._provisional, geometry, coefficients, fps)

    def offer_take(self, geometry: Path, take: Path, texture: Path | None) -> None:
        """The finished take; call again until `ready` is final.

        Raises:
            HeadFileError, TakeFileError: what was delivered cannot be used.
        """
        if not self._busy() and not (self.ready and self.ready.final):
            self._work = Background(self._final, geometry, take, texture)

    def _busy(self) -> bool:
        if self._work is not None and self._work.done:
            work, self._work = self._work, None
            self.ready = work.result()
        return self._work is not None

    def _provisional(self, geometry: Path, coefficients: Float32Array, fps: float) -> Ready:
        head = self._load(geometry)
        facts = {**self._meta, "face_model": {"name": head.name, "sha256": head.sha256}}
        take = TakeFile(np.ascontiguousarray(coefficients, dtype=np.float32), fps, facts)
        return Ready(head, take, perform(head, take, self._fps or fps, self._pose))

    def _final(self, geometry: Path, path: Path, texture: Path | None) -> Ready:
        head, take = self._load(geometry), take_file.load(path)
        return Ready(head, take, perform(head, take, self._fps or take.fps, self._pose), True, texture)

    def _load(self, geometry: Path) -> HeadFile:
        if self._head is None or self._head[0] != geometry:
            self._head = (geometry, head_file.load(geometry))
        return self._head[1]
