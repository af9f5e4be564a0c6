"""Landmarks: measured points on the neutral head, bound to the nearest skin triangle."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from backend.training.open_head.head import PARTS, Head
from backend.training.open_head.part import nearest_on
from backend.training.open_head.wheel import Float64Array
from models.face.model import Landmarks

IRISES = slice(468, 478)
MEASURED = Path(__file__).with_name("landmarks.json")


def build(head: Head, rest: Float64Array, path: Path = MEASURED) -> tuple[Landmarks, Landmarks]:
    """The 68 iBUG points and MediaPipe's 478 on the sealed neutral shape `rest` (n, 3)."""
    measured = json.loads(path.read_text(encoding="utf-8"))
    points = np.array(measured["mediapipe478"])
    skin = head.whole.triangles[np.isin(head.triangle_part, (PARTS.index("skin"), PARTS.index("lips")))]
    eyes = head.whole.triangles[np.isin(head.triangle_part, (PARTS.index("eye_left"), PARTS.index("eye_right")))]
    corners, weights = nearest_on(points, rest, skin)
    corners[IRISES], weights[IRISES] = nearest_on(points[IRISES], rest, eyes)
    all478 = Landmarks(
        corners.astype(np.int32), weights.astype(np.float32), np.array(measured["confidence"], dtype=np.float32)
    )
    chosen = measured["ibug68"]
    return Landmarks(all478.vertices[chosen], all478.weights[chosen], all478.confidence[chosen]), all478
