"""Pictures of what the tables say, with matplotlib where it is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from backend.evaluation.baselines import MEAN, RETIMED
from backend.evaluation.captured import Captured
from backend.evaluation.motion_model import FPS
from backend.evaluation.mouth_curves import MouthGauge
from backend.evaluation.style_control import BLOCKS, Shown
from models.motion.motion import Float32Array
from models.motion.smoothness import spectrum

STRETCH: Final = (10.0, 20.0)  # seconds that are drawn
BLACK: Final = "#222222"
SAME_MOTION: Final = (MEAN, *RETIMED)  # baselines that hold nothing but the model's own motion


def curves(path: Path, gauge: MouthGauge, take: Captured, made: Mapping[str, Float32Array]) -> None:
    """Each mouth curve of a captured take, and what systems made of the same sound."""
    captured = gauge.curves(take.expression)
    figure, axes = _figure(len(captured))
    first, last = (round(seconds * FPS) for seconds in STRETCH)
    for axis, (name, curve) in zip(axes, captured.items(), strict=True):
        times = np.arange(len(curve))[first:last] / FPS
        axis.plot(times, curve[first:last], color=BLACK, linewidth=2, label="captured")
        for system, motion in made.items():
            if system not in SAME_MOTION:
                axis.plot(times, gauge.curves(motion)[name][first : first + len(times)], linewidth=1, label=system)
        axis.set_ylabel(name)
    axes[0].legend(loc="upper right", fontsize="small")
    axes[-1].set_xlabel(f"seconds of {take.name}")
    _save(figure, path)


def spectra(
    path: Path, gauge: MouthGauge, takes: Sequence[Captured], made: Mapping[str, Sequence[Float32Array]]
) -> None:
    """Power by frequency of each mouth curve, captured and made."""
    shown: dict[str, Sequence[Float32Array]] = {"captured": [take.expression for take in takes]}
    shown |= {system: motions for system, motions in made.items() if system not in SAME_MOTION}
    names = list(gauge.curves(takes[0].expression))
    figure, axes = _figure(len(names))
    for axis, name in zip(axes, names, strict=True):
        for system, motions in shown.items():
            found = [spectrum(gauge.curves(motion)[name], FPS) for motion in motions]
            power = np.mean([one[1] for one in found], axis=0)
            if power.max() > 1e-12:
                thick = {"color": BLACK, "linewidth": 2} if system == "captured" else {"linewidth": 1}
                axis.semilogy(found[0][0], power, label=system, **thick)
        axis.set_ylabel(name)
    axes[0].legend(loc="upper right", fontsize="small")
    axes[-1].set_xlabel("hertz")
    _save(figure, path)


def styles(path: Path, result: Shown) -> None:
    """Asked against shown, each dimension in its own deviations, a panel for each block."""
    figure, axes = _figure(len(BLOCKS), across=True)
    mean = result.shown.mean(axis=1)
    for axis, (name, part) in zip(axes, BLOCKS.items(), strict=True):
        spread = result.asked[:, part].std(axis=0)
        live = spread > 0.02 * spread.max()
        centre = result.asked[:, part][:, live].mean(axis=0)
        x, y = ((rows[:, part][:, live] - centre) / spread[live] for rows in (result.asked, mean))
        axis.plot([-3, 3], [-3, 3], color=BLACK, linewidth=1)
        axis.scatter(x, y, s=3, alpha=0.5)
        axis.set_title(name, fontsize="small")
        axis.set_xlim(-3, 3)
        axis.set_ylim(-3, 3)
        axis.set_aspect("equal")
    axes[0].set_ylabel("shown, deviations")
    axes[0].set_xlabel("asked for")
    _save(figure, path)


def _figure(panels: int, across: bool = False) -> tuple[Any, Any]:
    try:
        from matplotlib import use
    except ImportError as error:
        raise SystemExit("--plots needs matplotlib: pip install matplotlib") from error
    use("Agg")  # no window
    from matplotlib.pyplot import subplots

    if across:
        return subplots(1, panels, figsize=(3 * panels, 3.2), layout="constrained")
    return subplots(panels, 1, figsize=(11, 2.2 * panels), sharex=True, layout="constrained")


def _save(figure: Any, path: Path) -> None:
    from matplotlib.pyplot import close

    figure.savefig(path, dpi=110)
    close(figure)
