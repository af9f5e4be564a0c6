"""The curves by which mouths are compared: jaw, lip opening, lip width, pucker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.face.model import FaceModel
from models.motion.face_rulers import Rulers
from models.motion.lip_contact import LipGauge
from models.motion.motion import Float32Array, FloatArray


@dataclass(frozen=True, eq=False)
class MouthGauge:
    """Reads curves off expression (T, 64) of one face model, on its mean identity's mesh.

    jaw: weight of jawOpen; opening: gap between the inner lip rims in mm; width: between the mouth's corners, pucker:
    lips forwards, both in mm and without the jaw's share.
    """

    jaw: int
    lips: LipGauge
    rulers: Rulers

    @classmethod
    def of(cls, face_model: FaceModel) -> MouthGauge:
        """The gauge for a face model with ARKit's units, MediaPipe's points and lip regions."""
        return cls(face_model.expression_names.index("jawOpen"), LipGauge.of(face_model), Rulers.of(face_model))

    def curves(self, expression: Float32Array) -> Mapping[str, FloatArray]:
        """Each curve (T,) by name."""
        wide = expression.astype(np.float64)
        return {
            "jaw": wide[:, self.jaw],
            "lip opening": np.maximum(self.lips.lip_gap(expression), 0.0),  # lips pressed together look shut, no more
            "lip width": wide @ self.rulers.width,
            "pucker": wide @ self.rulers.protrusion,
        }
