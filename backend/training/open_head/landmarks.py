"""Landmarks: measured points on the neutral head, bound to the nearest skin triangle."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from backend.training.open_head.head import Head
from backend.training.open_head.part import nearest_on
from models.face.model import Landmarks

MEASURED = Path(__file__).with_name("landmarks.json")


def build(head: Head, path: Path = MEASURED) -> tuple[Landmarks, Landmarks]:
    """The 68 iBUG points and MediaPipe's 478."""
    measured = json.loads(path.read_text(encoding="utf-8"))
    found = []
    for name in ("ibug68", "mediapipe478"):
        points = np.array(measured[name])
        faces = head.whole.triangles[np.isin(head.triangle_part, (0, 1))]
        corners, weights = nearest_on(points, head.whole.rest, faces)
        if len(points) == 478:
            eyes = head.whole.triangles[np.isin(head.triangle_part, (7, 8))]
            corners[468:], weights[468:] = nearest_on(points[468:], head.whole.rest, eyes)
        confidence = np.ones(len(points), dtype=np.float32)
        if name == "mediapipe478":
            confidence[measured["unreliable_mediapipe"]] = 0
        found.append(Landmarks(corners.astype(np.int32), weights.astype(np.float32), confidence))
    return found[0], found[1]
