"""What the network is trained to: the teacher's curves in whitened controls, their speed, and the mouth on the mesh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from backend.training.motion.lessons import Batch
from models.face.model import FaceModel
from models.motion.face_rulers import Rulers
from models.motion.learned.network import Heads
from models.motion.lip_contact import MM, LipGauge
from models.motion.visemes import CONTROLS

# What matters to the eye: the jaw and the lips before the tongue.
_WEIGHTS: Final = {"jaw": 1.5, "lower_lip": 1.0, "upper_lip": 1.0, "pucker": 1.2, "funnel": 1.0, "flare": 1.0,
                   "wide": 1.0, "stretch": 0.7, "tongue_tip": 0.5, "tongue_between": 0.5, "tongue_back": 0.4,
                   "tongue_wide": 0.4}  # fmt: skip
SPEED: Final = 4.0  # weight of the frame-to-frame difference
MESH: Final = 0.3
MESH_SPEED: Final = 1.0
CLOSING: Final = 0.5  # weight of a gap that is left where the teacher's lips are shut
CONTACT: Final = 0.5
GAP_MM, SHAPE_MM = 3.0, 1.5  # typical deviations, which make millimetres comparable with whitened controls


@dataclass(frozen=True, eq=False)
class MouthMesh:
    """What controls move on the mesh, mm per unit of weight: gap (12, P) at points across the mouth's middle between
    the inner lip rims, shape (12, 2): width between the corners, lips forwards.
    """

    gap: Tensor
    shape: Tensor

    @classmethod
    def of(cls, face_model: FaceModel) -> MouthMesh:
        """The mean identity's of a face model."""
        lips, rulers = LipGauge.of(face_model), Rulers.of(face_model)
        apart = (lips.basis["lip_rim_upper"] - lips.basis["lip_rim_lower"])[:, :, 1] * MM
        shape = np.stack([rulers.width, rulers.protrusion], axis=1)
        own = [[face_model.expression_names.index(unit) for unit in units] for units in CONTROLS.values()]
        gathered = [np.stack([rows[units].sum(axis=0) for units in own]) for rows in (apart, shape)]
        return cls(*(torch.from_numpy(rows.astype(np.float32)) for rows in gathered))


def losses(heads: Heads, batch: Batch, spreads: Tensor, mesh: MouthMesh) -> dict[str, Tensor]:
    """The weighted terms. spreads (B, 12): the deviation of each control in each lesson's style."""
    counts = batch.counts[..., None].float()
    pairs = counts[:, 1:] * counts[:, :-1]
    weights = torch.tensor([_WEIGHTS[name] for name in CONTROLS])
    wanted = batch.controls / spreads[:, None]
    missed = heads.controls - wanted
    off = missed * spreads[:, None]
    gap, shape = off @ mesh.gap / GAP_MM, off @ mesh.shape / SHAPE_MM
    shut = batch.contacts[..., :1]
    return {
        "controls": _mean(weights * missed**2, counts),
        "speed": SPEED * _mean(weights * _change(missed) ** 2, pairs),
        "mesh": MESH * (_mean(gap**2, counts) + _mean(shape**2, counts)),
        "mesh speed": MESH_SPEED * _mean(_change(gap) ** 2, pairs),
        "closing": CLOSING * _mean(shut * (heads.controls[..., 1:3].clamp(min=0.0) ** 2), counts),
        "contact": CONTACT * _mean(F.binary_cross_entropy_with_logits(heads.contacts, batch.contacts, reduction="none"),
                                   counts),
    }  # fmt: skip


def _change(curves: Tensor) -> Tensor:
    return curves[:, 1:] - curves[:, :-1]


def _mean(values: Tensor, counts: Tensor) -> Tensor:
    """The mean over the frames that count, summed over channels in proportion to their own mean."""
    return (values * counts).sum() / (counts.expand_as(values).sum() + 1e-6)
