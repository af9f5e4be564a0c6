"""Into Blender: hand a face model and a take to `blender_addon.headless`, which runs in a process of its own.

Blender keeps global state and may crash; a process of its own keeps both away from the pipeline. The bpy wheel is used
unless the path of a Blender is given: then that Blender builds the files, which matters for versions before 4.5: they
cannot read what Blender 5.0 saves.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from backend.progress import Progress, silent
from models.face.model import FaceModel

HEAD_FORMAT: Final = "style-avatar/head"
HEAD_VERSION: Final = 1
REGION_PREFIX: Final = "region/"
FORMATS: Final = frozenset({"blend", "fbx", "abc"})
Pose = Literal["take", "upright"]
CUTS: Final = ("none", "bald", "buzz", "side_part", "swept_back", "bob", "long_wavy")  # as the add-on names them
BEARDS: Final = ("none", "stubble", "short", "full")

BAD_INPUT: Final = 3  # exit codes of blender_addon.headless
BLENDER_FAILED: Final = 4
LINES_KEPT: Final = 20  # of Blender's own output, for the error message when it crashes


@dataclass(frozen=True)
class Hair:
    """What a head wears in Blender.

    cut: one of `CUTS`; beard: one of `BEARDS`; colour: sRGB as six hexadecimal digits, None for what the photo showed.

    Raises:
        BlenderError: there is no such cut, beard or colour.
    """

    cut: str = "none"
    beard: str = "none"
    colour: str | None = None

    def __post_init__(self) -> None:
        for value, names in ((self.cut, CUTS), (self.beard, BEARDS)):
            if value not in names:
                raise BlenderError(f"hair and beards are {', '.join(names)}, not {value}")
        if self.colour is not None and not re.fullmatch("#?[0-9a-fA-F]{6}", self.colour):
            raise BlenderError(f"a hair colour is six hexadecimal digits such as 4a2f1c, not {self.colour}")

    def words(self) -> dict[str, str | None]:
        """The options of the add-on's command line."""
        return {"hair": self.cut, "beard": self.beard, "hair-colour": self.colour}


class BlenderError(ValueError):
    """Blender did not build the files; the message says why."""


def build_scene(
    face_model: FaceModel,
    take: Path,
    *,
    targets: Mapping[str, Path],
    audio: Path | None = None,
    texture: Path | None = None,
    fps: float | None = None,
    name: str = "Head",
    identity_keys: bool = False,
    pose: Pose = "take",
    hair: Hair | None = None,
    progress: Progress = silent,
    blender: Path | None = None,
) -> dict[str, Any]:
    """Build `take` on `face_model` and write `targets` ("blend", "fbx", "abc" → path).

    audio: sound for the sequencer; texture: photo on the UV square; fps: the scene's rate (None: the take's);
    name: of the object; identity_keys: 80 identity shape keys instead of the face baked into the Basis;
    pose: "upright" takes the mean rotation away, for a take measured on a turned head; hair: what the head wears;
    blender: the executable of a Blender 4.2 … 5.x to use instead of the bpy wheel.

    Returns `blender_addon.headless`'s result: files, seconds per stage, frames, fps, action, blender (its version).

    Raises:
        BlenderError: an input cannot be used, or Blender failed.
    """
    if unknown := set(targets) - FORMATS:
        raise BlenderError(f"Blender files are {', '.join(sorted(FORMATS))}, not {', '.join(sorted(unknown))}")
    given: Mapping[str, Any] = {
        "take": take,
        "audio": audio,
        "texture": texture,
        "fps": fps,
        "name": name,
        "pose": pose,
        **(hair.words() if hair else {}),
        **targets,
    }
    beside = next((path for path in targets.values()), None)
    with folder_beside(beside) as folder:
        head = folder / "head.npz"
        write_head_file(face_model, head)
        flags = ["--json", *(["--identity-keys"] if identity_keys else [])]
        return run_blender("headless", {"head": head, **given}, flags, blender, progress)


def run_blender(
    module: str, options: Mapping[str, Any], flags: Sequence[str], blender: Path | None, progress: Progress = silent
) -> dict[str, Any]:
    """Run the command line `blender_addon.module` in a Blender of its own, and return its result.

    options: --name value, without those that are None; flags: further words; blender: see `build_scene`.
    Its Blender ends with this call, whatever `progress` raises.

    Raises:
        BlenderError: an input cannot be used, or Blender failed; the message says which and why.
    """
    words = [word for key, value in options.items() if value is not None for word in (f"--{key}", _word(value))]
    return _run([*_launcher(module, blender), *words, *flags], progress)


def write_head_file(face_model: FaceModel, path: Path) -> None:
    """Write the geometry of `face_model` for `blender_addon.files.head_file`: plain arrays, no pickles.

    The mean shape stays float32. Bases are float16: at the open head's largest displacement (0.5 dm) that rounds by
    0.012 mm at most, and halves the file.

    Raises:
        BlenderError: a basis is too large for float16.
    """
    meta = {
        "format": HEAD_FORMAT,
        "format_version": HEAD_VERSION,
        "name": face_model.name,
        "sha256": face_model.sha256,
        "part_names": list(face_model.part_names),
        "expression_names": list(face_model.expression_names),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez(
            file,
            meta=np.array(json.dumps(meta, sort_keys=True)),
            mean_shape=face_model.mean_shape,
            identity_basis=_half(face_model.identity_basis),
            expression_basis=_half(face_model.expression_basis),
            mean_albedo=face_model.mean_albedo,
            albedo_basis=_half(face_model.albedo_basis),
            triangles=face_model.triangles,
            uv=face_model.uv,
            uv_triangles=face_model.uv_triangles,
            triangle_part=face_model.triangle_part,
            landmark_vertices=face_model.landmarks68.vertices,
            landmark_weights=face_model.landmarks68.weights,
            **{REGION_PREFIX + name: vertices for name, vertices in face_model.regions.items()},
        )


def _half(basis: NDArray[np.float32]) -> NDArray[np.float16]:
    with np.errstate(over="ignore"):
        half = basis.astype(np.float16)
    if not np.isfinite(half).all():
        raise BlenderError("a basis of the face model holds numbers too large to send to Blender; check its units")
    return half


@contextmanager
def folder_beside(target: Path | None) -> Iterator[Path]:
    """A temporary folder on the disk of the result: a Blender in a sandbox (snap, flatpak) sees no other's /tmp."""
    beside = None if target is None else target.resolve().parent
    if beside is not None:
        beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".style-avatar-", dir=beside) as folder:
        yield Path(folder)


def _word(value: Any) -> str:
    return str(value.resolve() if isinstance(value, Path) else value)


def _launcher(module: str, blender: Path | None) -> list[str]:
    spec = importlib.util.find_spec("blender_addon")
    if spec is None or spec.origin is None:
        raise BlenderError("the package blender_addon is not installed; run make")
    if blender is None:
        return [sys.executable, "-P", "-m", f"blender_addon.{module}"]
    script = Path(spec.origin).with_name(f"{module}.py")
    return [str(blender), "--background", "--factory-startup", "--python", str(script), "--"]


def _run(command: list[str], progress: Progress) -> dict[str, Any]:
    said: deque[str] = deque(maxlen=LINES_KEPT)
    problem = ""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        try:
            process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=_env(),
            )
        except OSError as error:
            raise BlenderError(f"cannot start {command[0]}: {error.strerror}") from error
        try:
            for report in _reports(process, said):
                if "stage" in report:
                    progress(report["stage"], report["done"], report["total"])
                problem = str(report.get("error", problem))
            code = process.wait()
        finally:  # an interrupt or a cancelling progress callback must not leave a Blender behind
            process.kill()
            process.wait()
        output.seek(0)
        result = _result(output.read().splitlines())
    if code == 0 and result is not None:
        return result
    raise BlenderError(_explain(code, problem, said))


def _env() -> dict[str, str]:
    """This environment, with the project in front of the path: `-P` keeps the user's folder out of it."""
    root = str(Path(__file__).resolve().parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}


def _reports(process: subprocess.Popen[str], said: deque[str]) -> Iterator[dict[str, Any]]:
    assert process.stderr is not None
    for line in process.stderr:
        report = _as_object(line)
        if report is None:
            said.append(line.rstrip())
        else:
            yield report


def _result(lines: list[str]) -> dict[str, Any] | None:
    objects = (_as_object(line) for line in reversed(lines))
    return next((one for one in objects if one is not None and "files" in one), None)


def _as_object(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _explain(code: int, problem: str, said: deque[str]) -> str:
    if problem and code == BAD_INPUT:
        return problem
    if problem and code == BLENDER_FAILED:
        return f"Blender could not do it: {problem}"
    last = "; it last said: " + " | ".join(list(said)[-3:]) if said else ""
    ended = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    return f"Blender {ended} before it was done{last}"
