"""From the pressed button to a moving head: the add-on in Blender without a window, with a backend of its own.

    python benchmarks/button.py [--voice FILE] [--photo FILE] [--motion learned articulator] [--seconds 10 60]
        [--repeats 3] [--json FILE]

Presses what an artist presses and ticks the session as Blender's timer would. Each time is the least of some; every
press has a voice and, where it says new, a photo that the backend has never seen (the same ones, cut a little
differently). A backend that is off is started first: those times count from *Start Backend* on. Processor seconds are
those of Blender and the backend together; threads that wait for each other on a busy machine add to them (Linux). The
longest tick is how long the window would have stood still.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count, product
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
from PIL import Image

from backend.delivery import DEMO_VOICE, write_demo_photo
from backend.media import SAMPLE_RATE, read_audio
from backend.motions import MOTIONS

ROWS: Final = (
    "backend off, new photo",
    "new photo",
    "a photo used before",
    "a head in the scene",
    "that head, another style",
)
PATIENCE: Final = 300.0  # seconds until something is said not to happen


@dataclass(frozen=True)
class Pressed:
    """Seconds from the button to keys on the face, and to the end; the longest tick of Blender's timer in ms."""

    motion: str
    row: str
    voice: float
    moves: float
    done: float
    moves_processor: float
    done_processor: float
    tick_ms: float
    load: float


@dataclass(frozen=True)
class Moment:
    """Seconds since some moment, and of processor time since this process began."""

    clock: float
    processor: float

    @classmethod
    def now(cls) -> Moment:
        return cls(time.monotonic(), processor_seconds())

    def passed(self) -> tuple[float, float]:
        """Seconds and processor seconds since then."""
        now = Moment.now()
        return now.clock - self.clock, now.processor - self.processor


class Material:
    """Voices and photos that are never the same twice."""

    def __init__(self, folder: Path, voice: Path, photo: Path | None) -> None:
        self._folder, self._speech, self._numbers = folder, read_audio(voice), count(1)
        self._photo = Image.open(photo or write_demo_photo(folder / "photo.png")).convert("RGB")

    def voice(self, seconds: float) -> str:
        """A sound file of so many seconds, the speech over and over from another moment on."""
        number, length = next(self._numbers), round(seconds * SAMPLE_RATE)
        speech = np.roll(self._speech, -977 * number)
        path = self._folder / f"voice{number}.wav"
        soundfile.write(path, np.tile(speech, -(-length // len(speech)))[:length], SAMPLE_RATE, subtype="PCM_16")
        return str(path)

    def photo(self) -> str:
        """The photo without some columns."""
        number = next(self._numbers)
        path = self._folder / f"photo{number}.png"
        self._photo.crop((number, 0, *self._photo.size)).save(path)
        return str(path)


class Artist:
    """Presses the add-on's buttons; one backend at a time."""

    def __init__(self, folder: Path) -> None:
        self.motion = ""  # what new files choose, by the backend's name
        os.environ["BLENDER_USER_DATAFILES"] = str(folder)  # before Blender looks for it; nobody's folder is used
        import bpy

        from blender_addon import registration
        from blender_addon.session import SESSION

        self._bpy, self._session, self._folder, self._longest = bpy, SESSION, folder, 0.0
        bpy.ops.wm.read_factory_settings(use_empty=True)
        registration.register()

    def open_new_file(self) -> Any:
        """An empty scene; returns the add-on's settings in it."""
        self._bpy.ops.wm.read_homefile(use_empty=True)
        settings = self._bpy.context.scene.style_avatar
        settings.motion = self.motion.upper()
        return settings

    def start_backend(self) -> None:
        """Start a backend without any memory, and wait until Animate can be pressed."""
        from blender_addon.hosting.launcher import Launcher

        self._session.start(Launcher(sys.executable, tempfile.mkdtemp(dir=self._folder)))
        self._wait(lambda: self._session.backend() is not None)

    def stop_backend(self) -> None:
        """End it, and wait until it has ended."""
        assert self._session.host is not None
        self._session.host.stop(wait=True)

    def press(self, row: str, voice: float, started: Moment | None = None) -> Pressed:
        """Press Animate; the time runs from `started`, or from now."""
        begin, self._longest = started or Moment.now(), 0.0
        old = self._keys()
        assert self._bpy.ops.style_avatar.animate() == {"FINISHED"}
        self._wait(lambda: self._keys() - old or self._session.work is None)
        moves, moves_processor = begin.passed()
        self._wait(lambda: self._session.work is None)
        done, done_processor = begin.passed()
        assert self._session.trouble is None, self._session.trouble
        tick_ms = 1000 * self._longest
        load = os.getloadavg()[0]
        return Pressed(self.motion, row, voice, moves, done, moves_processor, done_processor, tick_ms, load)

    def head(self) -> Any:
        """The head that was made last."""
        return self._bpy.data.objects[self._session.note]

    def _keys(self) -> set[str]:
        """The Actions that give a face more than one pose."""
        from blender_addon.compat import curves_of

        faces = [one for one in self._bpy.data.shape_keys if one.animation_data and one.animation_data.action]
        moving = [one for one in faces if any(len(curve.keyframe_points) > 1 for curve in curves_of(one))]
        return {one.animation_data.action.name for one in moving}

    def _wait(self, happened: Any) -> None:
        deadline = time.monotonic() + PATIENCE
        while not happened():
            begin = time.monotonic()
            pause = self._session.tick()
            self._longest = max(self._longest, time.monotonic() - begin)
            assert time.monotonic() < deadline, f"it never happened: {self._session.trouble or self._session.status()}"
            time.sleep(pause)


def measure(options: argparse.Namespace) -> Iterator[Pressed]:
    """All rows, `repeats` times, with a new backend for each motion, length and time."""
    with tempfile.TemporaryDirectory() as folder:
        material = Material(Path(folder), options.voice, options.photo)
        artist = Artist(Path(folder))
        for _ in range(options.repeats):
            for motion, seconds in product(options.motion, options.seconds):
                artist.motion = motion
                yield from session(artist, material, seconds)


def session(artist: Artist, material: Material, seconds: float) -> Iterator[Pressed]:
    """One backend from its start to its end, and a press for each row."""
    settings = artist.open_new_file()
    settings.voice_file, settings.photo = material.voice(seconds), material.photo()
    begin = Moment.now()
    artist.start_backend()
    yield artist.press(ROWS[0], seconds, begin)
    settings = artist.open_new_file()
    settings.voice_file, settings.photo = material.voice(seconds), (photo := material.photo())
    yield artist.press(ROWS[1], seconds)
    settings = artist.open_new_file()
    settings.voice_file, settings.photo = material.voice(seconds), photo
    yield artist.press(ROWS[2], seconds)
    settings.voice_file, settings.face_source, settings.head = material.voice(seconds), "HEAD", artist.head()
    yield artist.press(ROWS[3], seconds)
    settings.style_name = "calm"
    yield artist.press(ROWS[4], seconds)
    artist.stop_backend()


def processor_seconds() -> float:
    """Of this process and all that it has started, ended ones included (NaN where there is no /proc)."""
    try:
        tick, times, parents = os.sysconf("SC_CLK_TCK"), dict[int, int](), dict[int, int]()
    except (AttributeError, ValueError):
        return float("nan")
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            fields = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
            times[int(stat.parent.name)] = sum(int(field) for field in fields[11:15])
    family, new = set[int](), {os.getpid()}
    while new:
        family |= new
        new = {child for child, parent in parents.items() if parent in new}
    return sum(times.get(pid, 0) for pid in family) / tick if times else float("nan")


def table(pressed: list[Pressed]) -> str:
    """The least of each, and the loads."""
    loads = [one.load for one in pressed]
    lines = [
        f"{platform.machine()}, {os.cpu_count()} cores, load average {min(loads):.1f} to {max(loads):.1f}",
        "",
        "| from the pressed button | first frames move | all done | processor seconds: moves, done | longest tick |",
        "|---|---|---|---|---|",
    ]
    for key in dict.fromkeys((one.motion, one.row, one.voice) for one in pressed):
        same = [one for one in pressed if (one.motion, one.row, one.voice) == key]
        names = ("moves", "done", "moves_processor", "done_processor", "tick_ms")
        moves, done, early, late, tick = (min(getattr(one, name) for one in same) for name in names)
        motion, row, voice = key
        what = f"{motion}: {voice:g} s of voice, {row}"
        lines.append(f"| {what} | {moves:.1f} s | {done:.1f} s | {early:.1f}, {late:.1f} | {tick:.0f} ms |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", type=Path, default=DEMO_VOICE, help="speech, repeated to the lengths")
    parser.add_argument("--photo", type=Path, help="photo of one face (scikit-image's astronaut)")
    parser.add_argument("--motion", choices=MOTIONS, nargs="+", default=list(MOTIONS), help="what moves the face")
    parser.add_argument("--seconds", type=float, nargs="+", default=[10.0, 60.0], help="lengths of the voice")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write every press to this file too")
    options = parser.parse_args()
    pressed = list(measure(options))
    print(table(pressed), flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in pressed], indent=1), encoding="utf-8")
    os._exit(0)  # the bpy wheel may crash at its end when an add-on was registered


if __name__ == "__main__":
    main()
