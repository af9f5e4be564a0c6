from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from models.pickles import read_state_dict
from models.render.perceptual_loss import PerceptualLoss, perceptual_loss

WIDTHS = (4, 6, 8, 10, 12)


def published_layers(widths: tuple[int, ...], batch_norm: bool = False) -> nn.Sequential:
    """VGG-19's feature layers in torchvision's order, written down as its paper's table E."""
    layers: list[nn.Module] = []
    inputs = 3
    for width, depth in zip(widths, (2, 2, 4, 4, 4), strict=True):
        for _ in range(depth):
            layers.append(nn.Conv2d(inputs, width, kernel_size=3, padding=1))
            layers += [nn.BatchNorm2d(width)] if batch_norm else []
            layers.append(nn.ReLU())
            inputs = width
        layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*layers)


def weights(network: nn.Module) -> dict[str, Tensor]:
    state = {f"features.{name}": tensor for name, tensor in network.state_dict().items()}
    return {**state, "classifier.0.weight": torch.zeros(2, 2)}  # the file holds the classifier too


@pytest.fixture
def network() -> nn.Sequential:
    torch.manual_seed(3)
    return published_layers(WIDTHS)


def test_the_loss_is_the_weighted_sum_over_five_features(network: nn.Sequential) -> None:
    drawn, real = torch.rand(2, 3, 40, 32), torch.rand(2, 3, 40, 32)
    expected = 0.0
    for last, weight in ((1, 1 / 32), (6, 1 / 16), (11, 1 / 8), (20, 1 / 4), (29, 1.0)):
        assert isinstance(network[last], nn.ReLU) and not isinstance(network[last - 2], nn.ReLU)  # first of its block
        expected += weight * (network[: last + 1](drawn) - network[: last + 1](real)).abs().mean().item()
    assert perceptual_loss(weights(network))(drawn, real).item() == pytest.approx(expected, rel=1e-5)


def test_the_published_sizes_are_the_default() -> None:
    with torch.device("meta"):
        ours, published = PerceptualLoss(), published_layers((64, 128, 256, 512, 512))
    theirs = {name: tensor.shape for name, tensor in weights(published).items()}
    assert {name: tensor.shape for name, tensor in ours.state_dict().items()}.items() <= theirs.items()
    assert len(ours.state_dict()) == 2 * 13


def test_equal_images_cost_nothing_and_the_drawn_one_alone_gets_a_gradient(network: nn.Sequential) -> None:
    loss = perceptual_loss(weights(network))
    drawn, real = torch.rand(1, 3, 16, 16, requires_grad=True), torch.rand(1, 3, 16, 16, requires_grad=True)
    assert loss(drawn, drawn.detach()).item() == 0
    loss(drawn, real).backward()
    assert drawn.grad is not None and drawn.grad.abs().sum() > 0
    assert real.grad is None and all(tensor.grad is None for tensor in loss.parameters())


def test_a_users_file_is_read_without_executing_it(network: nn.Sequential, tmp_path: Path) -> None:
    torch.save(weights(network), tmp_path / "vgg19.pth")
    images = torch.rand(1, 3, 16, 16), torch.rand(1, 3, 16, 16)
    read = perceptual_loss(read_state_dict(tmp_path / "vgg19.pth"))
    assert read(*images).item() == perceptual_loss(weights(network))(*images).item()


def test_other_weights_are_refused(network: nn.Sequential) -> None:
    incomplete = {name: tensor for name, tensor in weights(network).items() if name != "features.28.bias"}
    with pytest.raises(ValueError, match=r"VGG-19.*there is no 'features\.28\.bias'"):
        perceptual_loss(incomplete)
    with pytest.raises(ValueError, match="VGG-19 without batch normalisation"):
        perceptual_loss(weights(published_layers(WIDTHS, batch_norm=True)))
    with pytest.raises(ValueError, match=r"VGG-19.*features\.7\.weight"):
        perceptual_loss({**weights(network), "features.7.weight": torch.zeros(5, 6, 3, 3)})
    with pytest.raises(ValueError, match="VGG-19"):
        perceptual_loss({})


def test_wrong_images_are_refused(network: nn.Sequential) -> None:
    loss = perceptual_loss(weights(network))
    for drawn, real in (((1, 3, 16, 16), (2, 3, 16, 16)), ((1, 1, 16, 16),) * 2, ((1, 3, 15, 16),) * 2):
        with pytest.raises(ValueError, match="sides of 16 pixels"):
            loss(torch.rand(drawn), torch.rand(real))
