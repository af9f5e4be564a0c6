"""Which engine can render here, and how Cycles uses a graphics card."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import bpy

from .. import compat

ENGINES: Final = {"eevee": "EEVEE", "cycles": "CYCLES", "workbench": "BLENDER_WORKBENCH"}
SAMPLES: Final = {"EEVEE": 32, "CYCLES": 16, "BLENDER_WORKBENCH": 8}
PROCESSOR_SAMPLES: Final = 8  # of Cycles without a card: half the time, and denoised hardly another picture
NOISY_SAMPLES: Final = 64  # of a Cycles that was built without its denoiser, as some packages are
CARDS: Final = ("dri/renderD128", "dri/renderD129", "nvidia0", "dxg")  # below /dev
DEVICES: Final = ("OPTIX", "CUDA", "HIP", "METAL", "ONEAPI")
NO_CARD: Final = "EEVEE and Workbench need a graphics card and this computer shows none, so Cycles renders"


def has_card() -> bool:
    """Whether this computer shows a graphics card; other systems than Linux always have something that draws."""
    return not sys.platform.startswith("linux") or any((Path("/dev") / card).exists() for card in CARDS)


def chosen_engine(asked: str) -> tuple[str, str]:
    """The engine for `asked` ("auto" or a key of `ENGINES`) and a note on it, or ""."""
    if asked != "auto":
        return ENGINES[asked], ""
    return ("EEVEE", "") if has_card() else ("CYCLES", NO_CARD)


def samples_of(engine: str, on_card: bool) -> int:
    """Samples a pixel where nobody asked for another number; on_card: what `use_card` said."""
    if engine == "CYCLES" and not compat.has_denoiser():
        return NOISY_SAMPLES
    return PROCESSOR_SAMPLES if engine == "CYCLES" and not on_card else SAMPLES[engine]


def denoise(scene: Any, own: bool, on_card: bool) -> None:
    """Have Cycles denoise a set, on a processor in the quick way; an artist's `own` scene keeps what it says."""
    wanted = scene.cycles.use_denoising or not own
    scene.cycles.use_denoising = wanted and compat.has_denoiser()
    if not (own or on_card):
        compat.denoise_quickly(scene)


def use_card(scene: Any) -> bool:
    """Let Cycles render `scene` on a graphics card if it can use one; returns whether it does."""
    addon = bpy.context.preferences.addons.get("cycles")
    for kind in DEVICES if addon is not None else ():
        try:
            addon.preferences.compute_device_type = kind
            addon.preferences.refresh_devices()
        except (TypeError, AttributeError, RuntimeError):  # not in this build
            continue
        cards = [one for one in addon.preferences.devices if one.type == kind]
        if cards:
            for one in addon.preferences.devices:
                one.use = one.type == kind
            scene.cycles.device = "GPU"
            return True
    scene.cycles.device = "CPU"
    return False
