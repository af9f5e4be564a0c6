"""How fast the original's networks run here, against its own schedule in the same process: one table.

    python benchmarks/original.py [--seconds 4] [--styles 1 4 10] [--frames 2] [--json]

The schedule is a re-enactment with our modules, so both sides share every kernel and only the order of work and the
form of the arrays differ: windows at step 8 with the last one repeated and the speech encoder run again for every
style, a batch of photos filled up to 32 with ones, the renderer in plain float32. The original's demo spoke ten styles
after listening once; what is re-enacted is one run per style, so the row of the motion network alone says what remains
where the speech is heard already. All networks have their full size and seeded weights: time does not depend on what
they have learnt, but the errors stated are those of such weights. Each figure is the best of some runs after one that
warms up, taken in turns with those it is compared to.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from models.motion.sliding import slide, slide_compat
from models.motion.style_code import CODE_WIDTH
from models.motion.style_fusion import StyleFusionModel
from models.reconstruction.r_net import SIDE, TENSORFLOW, RNet, build_r_net
from models.render.cuda_graph import RecordedRenderer
from models.render.images import display
from models.render.local_enhancer import DoublingConvolution, LocalEnhancer
from models.render.renderer import NeuralRenderer, fast_bfloat16
from models.render.texture_encoder import UNet
from models.speech.deepspeech.network import DeepSpeechNetwork, letter_probabilities
from models.speech.deepspeech.sound import Sound, listen
from models.speech.energy import energy

RATE: Final = 16_000
PADDED: Final = 32  # photos in every batch of the original
RUNS: Final = 2
FLOOR: Final = 0.17  # ms a frame: the published renderer's 134 GFLOP at a large GPU's 790 TFLOP/s in bf16

Network = TypeVar("Network", bound=nn.Module)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="length of the voice (default: %(default)s)")
    parser.add_argument("--styles", type=int, nargs="+", default=[1, 4, 10], help="numbers of styles to speak it in")
    parser.add_argument("--frames", type=int, default=2, help="frames to render on the CPU (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    rows = measure(options.seconds, options.styles, options.frames)
    if options.json:
        print(json.dumps({"machine": machine(), "rows": list(rows)}, ensure_ascii=False, indent=1))
        return
    print(
        f"{machine()}\n\n| what | original's schedule | here | gain | aim | largest error |\n|---|---|---|---|---|---|"
    )
    for row in rows:
        print(
            "| " + " | ".join(row[name] for name in ("what", "original", "here", "gain", "aim", "error")) + " |",
            flush=True,
        )


def measure(seconds: float, styles: Sequence[int], frames: int) -> Iterator[dict[str, str]]:
    """One row after the other."""
    yield from measure_motion(seconds, styles)
    yield from measure_r_net()
    yield from measure_renderer(frames)
    yield from measure_gpu()


def measure_motion(seconds: float, counts: Sequence[int]) -> Iterator[dict[str, str]]:
    """Audio → expression, all networks again for every style or once; frames before the last 32 must agree."""
    encoder, model = seeded(DeepSpeechNetwork()), seeded(StyleFusionModel())
    generator = np.random.default_rng(0)
    samples = 0.1 * generator.standard_normal((int(seconds * RATE), 1)).astype(np.float32)
    codes = generator.standard_normal((max(counts), CODE_WIDTH)).astype(np.float32)
    sound = listen(samples, RATE)

    def as_the_original(count: int) -> list[np.ndarray]:
        return [slide_compat(model.predict_each, *hear(encoder, sound, samples), code) for code in codes[:count]]

    def here(count: int) -> np.ndarray:
        return slide(model.predict_each, *hear(encoder, sound, samples), codes[:count])

    for count in counts:
        theirs, ours = compare(partial(as_the_original, count), partial(here, count))
        what = f"audio → expression, {seconds:g} s in {count} style{'s' * (count > 1)}"
        yield against(what, theirs[0], ours[0], "≥ 4×", before_the_end(ours[1], theirs[1]))
    heard = hear(encoder, sound, samples)

    def one_by_one(count: int) -> list[np.ndarray]:
        return [slide_compat(model.predict_each, *heard, code) for code in codes[:count]]

    def together(count: int) -> np.ndarray:
        return slide(model.predict_each, *heard, codes[:count])

    for count in counts:
        theirs, ours = compare(partial(one_by_one, count), partial(together, count))
        what = f"the motion network alone, {count} style{'s' * (count > 1)}"
        yield against(what, theirs[0], ours[0], "", before_the_end(ours[1], theirs[1]))
    ((took, _),) = compare(lambda: hear(encoder, sound, samples))
    yield {**against("of this, hearing: DeepSpeech and energy", took, took, "", "same code"), "gain": "1×"}


def before_the_end(ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> str:
    """The largest error where both schedules see the same windows."""
    error = difference([motion[:-32] for motion in ours], [motion[:-32] for motion in theirs])
    return f"{error:.1e} before the last 32 frames"


def hear(encoder: DeepSpeechNetwork, sound: Sound, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return letter_probabilities(encoder, sound).numpy(), energy(samples[:, 0])


def measure_r_net() -> Iterator[dict[str, str]]:
    """One photo: in a batch of 32, by itself, and by itself with the batch norms folded as `build_r_net` does."""
    network = seeded(RNet(TENSORFLOW))
    folded = build_r_net(network.state_dict(), TENSORFLOW)
    photo = np.random.default_rng(1).integers(0, 256, (1, SIDE, SIDE, 3), np.uint8)
    padded = np.concatenate([photo, np.ones((PADDED - 1, SIDE, SIDE, 3), np.uint8)])
    theirs, alone, quick = compare(
        lambda: network.coefficients(padded)[:1],
        lambda: network.coefficients(photo),
        lambda: folded.coefficients(photo),
    )
    for what, ours in (("by itself", alone), ("by itself, batch norms folded", quick)):
        error = f"{difference([ours[1]], [theirs[1]]):.1e} of {np.abs(theirs[1]).max():.1f}"
        yield against(f"R-Net, one photo, {what}", theirs[0], ours[0], "≥ 30×", error)


def measure_renderer(frames: int) -> Iterator[dict[str, str]]:
    """Frames of 224² on the CPU. There is no batch norm to fold: this network normalises every image by itself."""
    renderer = seeded_renderer()
    inputs = inputs_of_renderer(renderer, frames)
    forms = {"channels last": torch.float32}
    if fast_bfloat16():
        forms["channels last, bf16"] = torch.bfloat16
    prepared = [copy.deepcopy(renderer).prepare(dtype) for dtype in forms.values()]
    theirs, *others = compare(*(partial(each.draw, *inputs) for each in (as_published(renderer), *prepared)))
    for what, ours in zip(forms, others, strict=True):
        error = f"{difference([ours[1]], [theirs[1]]):.1e} of ±1, SSIM {similarity(ours[1], theirs[1]):.5f}"
        yield against(f"renderer, {frames} frames, {what}", theirs[0], ours[0], "≥ 1.5×", error)


def measure_gpu() -> Iterator[dict[str, str]]:
    """The renderer as a CUDA graph in bf16, where there is a GPU, against float32 without tensor cores' rounding."""
    if not torch.cuda.is_available():
        yield {**against("renderer on a GPU", 0, 0, ""), "original": "–", "here": "skipped: no GPU", "gain": "–"}
        return
    renderer = seeded_renderer().cuda()
    plain, quick = as_published(renderer), renderer.prepare(torch.bfloat16)
    for batch in (1, 8, 32):
        inputs = inputs_of_renderer(plain, batch)
        recorded = RecordedRenderer(quick, inputs[0], batch)
        with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            theirs, ours = compare(*(partial(drawn, each, inputs) for each in (plain, recorded)), runs=10)
        per_frame = f"{batch / ours[0]:.0f} fps, {1000 * ours[0] / batch:.2f} ms a frame, floor {FLOOR} ms"
        what = f"renderer on {torch.cuda.get_device_name()}, CUDA graph, bf16, batch {batch}: {per_frame}"
        yield against(what, theirs[0], ours[0], "SSIM ≥ 0.999", f"SSIM {similarity(ours[1], theirs[1]):.5f}")


def as_published(renderer: NeuralRenderer) -> NeuralRenderer:
    """A copy that doubles images, pads them and convolves them one step after the other."""
    renderer = copy.deepcopy(renderer)
    for module in list(renderer.face.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, DoublingConvolution):
                plain = nn.Conv2d(child.in_channels, child.out_channels, 3).to(child.weight.device)
                plain.load_state_dict(child.state_dict())
                steps = nn.Sequential(nn.Upsample(scale_factor=2), nn.ReflectionPad2d(1), plain)
                setattr(module, name, steps.requires_grad_(False))
    return renderer


def drawn(renderer: NeuralRenderer | RecordedRenderer, inputs: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Frames on the GPU, waited for."""
    frames = renderer.draw(*inputs)
    torch.cuda.synchronize()
    return frames


def seeded_renderer() -> NeuralRenderer:
    return NeuralRenderer(seeded(UNet(9, 16)), seeded(LocalEnhancer(16, 3)))


def inputs_of_renderer(renderer: NeuralRenderer, frames: int) -> tuple[Tensor, Tensor, Tensor]:
    """Neural texture, UV and mask on the renderer's device: smooth UV, as a face has, inside a disc."""
    device = next(renderer.parameters()).device
    axis = torch.linspace(-1, 1, SIDE)
    rows, columns = torch.meshgrid(axis, axis, indexing="ij")
    bend = 0.05 * torch.sin(torch.arange(frames)[:, None, None] + 3 * rows)
    uv = torch.stack([0.5 + 0.45 * columns + bend, 0.5 + 0.45 * rows - bend], dim=1)
    background = (rows**2 + columns**2 > 0.8).float().expand(frames, 1, SIDE, SIDE)
    texture = torch.rand(1, 9, 256, 256, generator=torch.Generator().manual_seed(2)) * 2 - 1
    return renderer.encode(texture.to(device)), uv.to(device), background.to(device)


def seeded(network: Network) -> Network:
    """The network with kernels that keep the size of what passes through, frozen."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in network.parameters():
            if tensor.ndim > 1:
                tensor.normal_(0, (1.5 / tensor[0].numel()) ** 0.5, generator=generator)
    return network.eval().requires_grad_(False)


def compare(*works: Callable[[], Any], runs: int = RUNS) -> list[tuple[float, Any]]:
    """Seconds of the fastest of `runs`, after one that is not counted, and the result, of each; taken in turns."""
    results = [work() for work in works]
    took = [float("inf")] * len(works)
    for _ in range(runs):
        for number, work in enumerate(works):
            start = time.perf_counter()
            work()
            took[number] = min(took[number], time.perf_counter() - start)
    return list(zip(took, results, strict=True))


def difference(ours: Sequence[Any], theirs: Sequence[Any]) -> float:
    return max(float(np.abs(np.asarray(a) - np.asarray(b)).max()) for a, b in zip(ours, theirs, strict=True))


def similarity(ours: Tensor, theirs: Tensor) -> float:
    """The lowest SSIM of any frame, as bytes for display."""
    from skimage.metrics import structural_similarity

    pairs = zip(display(ours), display(theirs), strict=True)
    return min(float(structural_similarity(a, b, channel_axis=2)) for a, b in pairs)


def against(what: str, original: float, here: float, aim: str, error: str = "") -> dict[str, str]:
    gain = f"{original / here:.2f}×" if here else ""
    return {
        "what": what,
        "original": f"{1000 * original:,.4g} ms",
        "here": f"{1000 * here:,.4g} ms",
        "gain": gain,
        "aim": aim,
        "error": error,
    }


def machine() -> str:
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, torch {torch.__version__}"
    )


if __name__ == "__main__":
    main()
