"""What the picture sheets show: views, and expressions by name."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class View:
    """A camera: point looked at (decimetres), distance, turn in degrees about y, field height in decimetres."""

    target: tuple[float, float, float]
    turn: float
    height: float
    size: tuple[int, int]


VIEWS = {
    "bust": View((0.0, -0.1, 0.2), 0.0, 3.1, (240, 280)),
    "front": View((0.0, 0.0, 0.3), 0.0, 2.3, (300, 360)),
    "three_quarter": View((0.0, -0.02, 0.1), 38.0, 2.3, (300, 360)),
    "mouth": View((0.0, -0.37, 0.4), 0.0, 0.95, (380, 300)),
    "mouth_side": View((0.05, -0.37, 0.3), 40.0, 0.95, (380, 300)),
    "eyes": View((0.0, 0.33, 0.3), 0.0, 0.75, (480, 260)),
}


@dataclass(frozen=True)
class Panel:
    """One picture: label, view, expression by name, seed of a random person (None: the mean)."""

    label: str
    view: str
    expression: dict[str, float] = field(default_factory=dict)
    seed: int | None = None


def both(name: str, value: float = 1.0) -> dict[str, float]:
    """A pair of sided expressions."""
    return {f"{name}Left": value, f"{name}Right": value}


FRONT = [
    Panel("neutral", "front"),
    Panel("jawOpen .7", "front", {"jawOpen": 0.7}),
    Panel("mouthPucker 1", "front", {"mouthPucker": 1}),
    Panel("mouthSmile 1", "front", both("mouthSmile")),
    Panel("eyeBlink 1", "front", both("eyeBlink")),
    Panel("FF lipBiteLower", "front", {"lipBiteLower": 1, "jawOpen": 0.05}),
    Panel("PP close = jaw .35", "front", {"mouthClose": 0.35, "jawOpen": 0.35}),
    Panel("tongueOut .8 jaw .4", "front", {"tongueOut": 0.8, "jawOpen": 0.4}),
]
THREE_QUARTER = [
    Panel("jawOpen .7", "three_quarter", {"jawOpen": 0.7}),
    Panel("TH", "three_quarter", {"tongueInterdental": 1, "jawOpen": 0.15}),
    Panel("smile jaw .25", "three_quarter", {**both("mouthSmile"), "jawOpen": 0.25}),
    Panel("squint", "three_quarter", {**both("eyeSquint"), **both("cheekSquint")}),
]
MOUTH = [
    Panel("PP lipPress", "mouth", {"lipPress": 1}),
    Panel("PP jaw .15 press .6", "mouth", {"lipPress": 0.6, "jawOpen": 0.15, "mouthClose": 0.15}),
    Panel("FF lipBiteLower", "mouth", {"lipBiteLower": 1, "jawOpen": 0.03}),
    Panel("FF side", "mouth_side", {"lipBiteLower": 1, "jawOpen": 0.03}),
    Panel("TH", "mouth", {"tongueInterdental": 1, "jawOpen": 0.15}),
    Panel("TH side", "mouth_side", {"tongueInterdental": 1, "jawOpen": 0.15}),
    Panel("L", "mouth", {"tongueTipUp": 1, "jawOpen": 0.22}),
    Panel("L side", "mouth_side", {"tongueTipUp": 1, "jawOpen": 0.22}),
    Panel("K NG", "mouth", {"tongueBackUp": 1, "jawOpen": 0.22}),
    Panel(
        "S", "mouth", {"jawOpen": 0.03, "mouthWide": 0.5, **both("mouthLowerDown", 0.35), **both("mouthUpperUp", 0.2)}
    ),
    Panel("SH CH lipFlare", "mouth", {"lipFlare": 0.8, "jawOpen": 0.08}),
    Panel("IY mouthWide", "mouth", {"mouthWide": 1, "jawOpen": 0.1}),
    Panel("UW", "mouth", {"mouthPucker": 0.7, "mouthFunnel": 0.3, "jawOpen": 0.08}),
    Panel("upperLipRaise", "mouth", {"upperLipRaise": 1}),
    Panel("tongueOut .6", "mouth", {"tongueOut": 0.6, "jawOpen": 0.3}),
    Panel("smile", "mouth", both("mouthSmile")),
]
EYES = [
    Panel("neutral", "eyes"),
    Panel("squint + cheekSquint", "eyes", {**both("eyeSquint"), **both("cheekSquint")}),
    Panel("look down", "eyes", both("eyeLookDown")),
    Panel("look aside", "eyes", {"eyeLookOutLeft": 1, "eyeLookInRight": 1}),
    Panel("look up", "eyes", both("eyeLookUp")),
    Panel("blink", "eyes", both("eyeBlink")),
    Panel("wide", "eyes", both("eyeWide")),
    Panel("smile", "eyes", {**both("mouthSmile"), **both("cheekSquint", 0.5)}),
]
IDENTITIES = [Panel("mean", "bust")] + [Panel(f"random {seed}", "bust", {}, seed) for seed in range(1, 12)]
SHEETS = {
    "identities": (IDENTITIES, 6),
    "expressions_front": (FRONT, 4),
    "expressions_34": (THREE_QUARTER, 4),
    "mouth": (MOUTH, 4),
    "eyes": (EYES, 2),
}
