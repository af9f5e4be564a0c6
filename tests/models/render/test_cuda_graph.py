from collections.abc import Callable

import pytest
import torch
from skimage.metrics import structural_similarity

from models.render.cuda_graph import RecordedRenderer
from models.render.images import display
from models.render.renderer import NeuralRenderer
from tests.models.render.small import SIDE, small_inputs, small_renderer


def repeat_on_cpu(work: Callable[[], torch.Tensor]) -> tuple[Callable[[], object], torch.Tensor]:
    """What a CUDA graph does, without one: the same work on the same memory, its result in the same place."""
    result = work()
    return lambda: result.copy_(work()), result


def record(renderer: NeuralRenderer, batch: int) -> RecordedRenderer:
    return RecordedRenderer(renderer, small_inputs(renderer, 1)[0], batch, SIDE, repeat_on_cpu)


def test_a_recording_draws_any_texture_and_shorter_batches() -> None:
    renderer = small_renderer()
    recorded = record(renderer, 3)
    for frames in (3, 1, 2):
        inputs = small_inputs(renderer, frames)
        torch.testing.assert_close(recorded.draw(*inputs), renderer.draw(*inputs), atol=1e-5, rtol=0)


def test_frames_outlast_the_next_call() -> None:
    renderer = small_renderer()
    recorded = record(renderer, 1)
    first = recorded.draw(*small_inputs(renderer, 1))
    before = first.clone()
    texture, uv, background = small_inputs(renderer, 1)
    assert not torch.equal(recorded.draw(texture, 1 - uv, background), before)
    assert torch.equal(first, before)


def test_what_was_not_recorded_is_refused() -> None:
    renderer = small_renderer()
    recorded = record(renderer, 2)
    texture, uv, background = small_inputs(renderer, 3)
    for count in (0, 3):
        with pytest.raises(ValueError, match="another recording"):
            recorded.draw(texture, uv[:count], background[:count])
    with pytest.raises(ValueError, match="expected a texture"):
        recorded.draw(texture[..., 1:], uv[:1], background[:1])
    with pytest.raises(ValueError, match="a mask"):
        recorded.draw(texture, uv[:2], background[:1])
    with pytest.raises(ValueError, match="batch is 0"):
        record(renderer, 0)
    with pytest.raises(ValueError, match="on a GPU"):
        RecordedRenderer(renderer, texture, 1, SIDE)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("batch", [1, 8])
def test_a_cuda_graph_in_bfloat16_draws_what_float32_does(batch: int) -> None:
    renderer = small_renderer().prepare(device="cuda")
    inputs = small_inputs(renderer, batch)
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        expected = renderer.draw(*inputs)
    recorded = RecordedRenderer(renderer.prepare(torch.bfloat16), inputs[0], batch, SIDE)
    for count in (batch, 1):  # the memory of the graph is used again
        frames = recorded.draw(inputs[0], inputs[1][:count], inputs[2][:count])
        pairs = zip(display(frames), display(expected[:count]), strict=True)
        assert min(structural_similarity(ours, theirs, channel_axis=2) for ours, theirs in pairs) > 0.998
