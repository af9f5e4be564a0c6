"""The mouth's controls become expression units whose lips meet exactly where they have to, in any style.

The gap between the inner lip rims is linear in the units, so it is not left to chance: where lips are to be sealed,
`mouthClose` takes back exactly the gap that is left on the mesh, whatever jaw, mood and style hold open; where they are
to be apart, the lower lip is lowered until they are. How lips meet teeth is as in `models.motion.mouth`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.face.model import FaceModel
from models.motion.lip_contact import MM, LipGauge
from models.motion.motion import FloatArray
from models.motion.mouth import BITE, BITE_JAW, BITE_LIFT, PRESS
from models.motion.visemes import CONTROL_INDEX, CONTROLS

PRESSED_MM: Final = -0.3  # gap of sealed lips, half of what a face at rest has
APART_MM: Final = 1.8  # least gap of lips that nothing holds together
SOFTNESS_MM: Final = 0.5  # over which the least gap takes effect
OPENS: Final = ("lower_lip", "upper_lip", "funnel", "flare", "stretch")
SHAPES: Final = ("pucker", "wide")


@dataclass(frozen=True, eq=False)
class Contacts:
    """How firmly lips and teeth have to touch, (T,) each in 0..1."""

    seal: FloatArray
    bite: FloatArray
    rest: FloatArray


@dataclass(frozen=True, eq=False)
class LipSolver:
    """One face's lips: `rest` (P,) gaps in mm at points across the middle of the mouth, `basis` (64, P) mm per unit."""

    names: Sequence[str]
    rest: FloatArray
    basis: FloatArray

    @classmethod
    def of(cls, face_model: FaceModel) -> LipSolver:
        """For a face model's mean identity.

        Raises:
            MotionError: it does not name the lips' regions.
        """
        gauge = LipGauge.of(face_model)
        upper, lower = "lip_rim_upper", "lip_rim_lower"
        gap = (gauge.rest[upper] - gauge.rest[lower])[:, 1] * MM
        return cls(face_model.expression_names, gap, (gauge.basis[upper] - gauge.basis[lower])[:, :, 1] * MM)

    def units(
        self, controls: FloatArray, contacts: Contacts, held: Mapping[str, float], press: float, lean: float
    ) -> FloatArray:
        """Expression (T, 64) of the mouth.

        controls: (T, 12) weights as `visemes.CONTROLS`; held: weights of the mouth's units that the mood holds; press:
        how firmly sealed lips are pressed together, 1 as usual; lean: how much more the left side moves than the right.
        """
        expression = self._expression(_yielding(controls, contacts), contacts, press)
        self._hold(expression, controls, contacts, held)
        sides = [name.endswith("Left") * 1.0 - name.endswith("Right") * 1.0 for name in self.names]
        expression *= 1 + lean * np.array(sides)
        self._part(expression, contacts)
        self._seal(expression, contacts)
        return expression

    def _expression(self, controls: FloatArray, contacts: Contacts, press: float) -> FloatArray:
        expression = np.zeros((len(controls), len(self.names)))
        for control, units in CONTROLS.items():
            for unit in units:
                if unit in self.names:
                    expression[:, self.names.index(unit)] = controls[:, CONTROL_INDEX[control]]
        for unit, weight in (("lipPress", PRESS * press * contacts.seal), ("lipBiteLower", BITE * contacts.bite)):
            if unit in self.names:
                expression[:, self.names.index(unit)] = weight
        return expression

    def _hold(
        self, expression: FloatArray, controls: FloatArray, contacts: Contacts, held: Mapping[str, float]
    ) -> None:
        """Add, in place, what the mood holds: less where lips are rounded or sealed."""
        rounded = np.clip(controls[:, [CONTROL_INDEX["pucker"], CONTROL_INDEX["funnel"]]].sum(axis=1), 0.0, 1.0)
        room = (1 - 0.7 * rounded) * (1 - 0.4 * contacts.seal)
        for unit, weight in held.items():
            if unit in self.names:
                expression[:, self.names.index(unit)] += weight * room

    def _part(self, expression: FloatArray, contacts: Contacts) -> None:
        """Open the lips, in place, where nothing holds them together and they would look closed: the lower lip goes
        down, or, where the teeth hold it, the upper one up.
        """
        # Until shortly before they are sealed, or what is added here would draw the closure out.
        free = (1 - contacts.seal**4) * (1 - contacts.rest)
        for control, own in (("upper_lip", free * contacts.bite), ("lower_lip", free * (1 - contacts.bite))):
            units = [self.names.index(unit) for unit in CONTROLS[control] if unit in self.names]
            gaps = self._gaps(expression)
            missing = _softly_positive(APART_MM * own - gaps.max(axis=1))
            per_unit = self.basis[units].sum(axis=0)[gaps.argmax(axis=1)]
            expression[:, units] += (missing * own / per_unit)[:, None]

    def _seal(self, expression: FloatArray, contacts: Contacts) -> None:
        """Close, in place, the gap that is left where lips are sealed or at rest."""
        firm = np.maximum(contacts.seal, contacts.rest)
        close, gaps = self.names.index("mouthClose"), self._gaps(expression)
        wanted = (1 - firm) * gaps.max(axis=1) + firm * PRESSED_MM
        missing = (gaps - wanted[:, None]) / -self.basis[close]
        expression[:, close] += np.where(firm > 0, np.maximum(missing.max(axis=1), 0.0), 0.0)

    def _gaps(self, expression: FloatArray) -> FloatArray:
        return self.rest + expression @ self.basis


def _yielding(controls: FloatArray, contacts: Contacts) -> FloatArray:
    """Controls without what would hold lips apart where they have to meet."""
    given = controls.copy()
    seal, bite, rest = contacts.seal, contacts.bite, contacts.rest

    def scale(names: Sequence[str], by: FloatArray) -> None:
        given[:, [CONTROL_INDEX[name] for name in names]] *= by[:, None]

    scale(tuple(CONTROLS), 1 - rest)
    scale(OPENS, 1 - seal)
    scale(SHAPES, 1 - 0.5 * seal)
    scale(("lower_lip", "funnel", "flare"), 1 - bite)
    scale(("pucker",), 1 - 0.7 * bite)
    jaw, upper, between = (CONTROL_INDEX[name] for name in ("jaw", "upper_lip", "tongue_between"))
    given[:, jaw] += bite * (np.minimum(given[:, jaw], BITE_JAW) - given[:, jaw])
    given[:, upper] += BITE_LIFT * bite
    # The tongue comes out between the teeth only as far as these let it.
    given[:, between] *= np.clip(given[:, jaw] / 0.10, 0.0, 1.0) * (1 - seal) * (1 - bite)
    return given


def _softly_positive(value: FloatArray) -> FloatArray:
    """About `value` where it is positive, about 0 elsewhere, and smooth between."""
    return np.asarray(0.5 * (value + np.sqrt(value**2 + SOFTNESS_MM**2)))
