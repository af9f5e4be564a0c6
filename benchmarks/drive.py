"""How long Blender stands still while a character is driven: the longest piece of work, headless.

    python benchmarks/drive.py [--minutes 10]

A take that speaks and nods, on a mesh with ARKit's 52 shape keys (13,000 vertices), on one with visemes and on a
rig of plain bones; and reading it from a head. Per stage the longest piece in processor time of Blender's own thread,
which other programs do not lengthen, and in wall-clock time.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import bpy
import numpy as np

from blender_addon import registration
from blender_addon.driving.bake import Options, bake_steps, in_background
from blender_addon.driving.character import character_of, mapped
from blender_addon.driving.source import of_head_steps
from blender_addon.driving.verify import verified_steps
from blender_addon.retarget.tracks import Tracks
from blender_addon.retarget.units import ARKIT, INDEX, UNITS
from blender_addon.retarget.visemes import OCULUS
from tests.blender_addon.characters import HEAD_BONES, armature_with, mesh_with

FPS = 25.0


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    tracks = speech(int(60 * FPS * parser.parse_args().minutes))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    registration.register()
    face = mesh_with(ARKIT, "ARKit")
    many_vertices(face)
    characters = [face, mesh_with([f"viseme_{name}" for name in OCULUS], "Oculus"), armature_with(HEAD_BONES)]
    print("| character | pieces | all | longest piece by stage: processor (wall clock) |\n|---|---|---|---|")
    for one in characters:
        character = character_of(one, bpy.context.scene)
        look = partial(verified_steps, character, scene=bpy.context.scene)
        steps = bake_steps(character, tracks, mapped(character), Options(), in_background, look)
        print(row(one.name, steps))
    print(row("reading a head", of_head_steps(played(tracks), bpy.context.scene)))
    registration.unregister()


def row(name: str, steps: Any) -> str:
    """One line of the table."""
    begun = time.perf_counter()
    pieces = list(timed(steps))
    took = time.perf_counter() - begun
    stages = dict.fromkeys(stage for _, _, stage in pieces)
    longest = {
        stage: [1000 * max(piece[i] for piece in pieces if piece[2] == stage) for i in (0, 1)] for stage in stages
    }
    cells = ", ".join(f"{stage} {busy:.0f} ({wall:.0f}) ms" for stage, (wall, busy) in longest.items())
    return f"| {name} | {len(pieces)} | {took:.1f} s | {cells} |"


def timed(steps: Any) -> Iterator[tuple[float, float, str]]:
    """(wall-clock seconds, processor seconds, what was done) of every piece."""
    while True:
        wall, processor = time.perf_counter(), time.thread_time()
        try:
            stage, _, _ = next(steps)
        except StopIteration:
            return
        finally:
            took = time.perf_counter() - wall, time.thread_time() - processor
        yield *took, stage or "waiting"
        if not stage:
            time.sleep(0.03)


def speech(frames: int) -> Tracks:
    """Everything moves, at its own pace."""
    seconds = np.arange(frames)[:, None] / FPS
    pace = np.linspace(1.0, 9.0, len(UNITS))
    units = (0.4 * np.sin(pace * seconds) ** 2).astype(np.float32)
    closed = (np.sin(7 * seconds[:, 0]) > 0.9).astype(np.float32)
    units[:, INDEX["mouthClose"]] = closed * units[:, INDEX["jawOpen"]]
    units[:, INDEX["lipPress"]] = 0.3 * closed
    angles = (0.1 * np.sin(seconds * [1.1, 0.7, 0.5])).astype(np.float32)
    return Tracks(units, angles, 0.1 * angles, FPS, "voice (calm)")


def many_vertices(face: Any) -> None:
    """20,000 vertices, as heads have."""
    modifier = face.modifiers.new("Fine", "SUBSURF")
    modifier.subdivision_type, modifier.levels = "SIMPLE", 4


def played(tracks: Tracks) -> Any:
    """A mesh whose shape keys play the take under our own names."""
    from dataclasses import replace

    from blender_addon.building.steps import run_all
    from blender_addon.retarget.mapping import Row

    head = mesh_with(UNITS, "Head")
    character = character_of(head, bpy.context.scene)
    run_all(bake_steps(character, replace(tracks, name="own"), [Row(name, name) for name in UNITS], Options()))
    return head


if __name__ == "__main__":
    main()
