"""The original's way from a voice and a photo to a take, with small seeded networks and a fake detector."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from torch import nn

from backend.fitting.align5 import align, five_points, standard_face
from backend.landmarks import Face, LandmarkError
from backend.media import AudioError
from backend.original import OriginalFamily, animate, meet, perform, points_of
from models import take as take_file
from models.coefficients import EXPRESSION
from models.face import bfm09
from models.face.camera import Camera
from models.motion.style_code import read_code
from models.motion.style_fusion import StyleFusionError, StyleFusionModel
from models.reconstruction.r_net import PYTORCH, RNet, build_r_net
from models.speech.deepspeech.variables import network_from_variables
from tests.golden import GOLDEN, needs
from tests.models.face.test_bfm09 import small_file
from tests.models.speech.deepspeech.seeded import variables
from tests.recipe import torch_weights

BASEL = GOLDEN / "facemodel" / "BFM_small"
needs_golden = needs(BASEL)
SIDE = 300  # pixels of the photo
SAMPLES = 24_000  # 1.5 s: 74 frames of speech, 37 of video


@dataclass(frozen=True)
class Finder:
    """A detector that always finds the same points, or nobody."""

    points: np.ndarray | None

    def detect(self, image: np.ndarray) -> list[Face]:
        return [] if self.points is None else [Face(self.points, None, "ibug68", 1.0)]


def seeded(network: nn.Module, seed: int = 5) -> dict[str, torch.Tensor]:
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    return {name: torch.from_numpy(array) for name, array in torch_weights(shapes, seed).items()}


def r_net() -> RNet:
    weights = seeded(RNet(PYTORCH, (2, 3, 4, 5), (2, 2, 1, 2)))
    heads = {name: tensor * 0.1 for name, tensor in weights.items() if name.startswith("final_layers")}
    return build_r_net(weights | heads, PYTORCH)  # small coefficients keep the face in the picture


@pytest.fixture(scope="module", params=["small", pytest.param("golden", marks=needs_golden)])
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OriginalFamily:
    if request.param == "golden":
        face = bfm09.load(BASEL / "BFM_model_front.mat", BASEL / "uv.npy")
        standard = standard_face(BASEL / "similarity_Lm3D_all.mat")
    else:
        face = bfm09.load(small_file(tmp_path_factory.mktemp("face") / "front.mat"))
        standard = five_points(face.model.landmarks68.of(face.model.mean_shape))
    return OriginalFamily(
        face,
        r_net(),
        network_from_variables(variables(16)),
        StyleFusionModel.from_state_dict(seeded(StyleFusionModel(64))),
        standard,
        {"r-net": "12ab"},
    )


@pytest.fixture
def finder(family: OriginalFamily) -> Finder:
    model = family.face.model
    return Finder(Camera.paper(SIDE).image_points(model.landmarks68.of(model.mean_shape)))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    coarse = np.random.default_rng(1).integers(0, 256, (10, 10, 3), np.uint8)
    Image.fromarray(coarse).resize((SIDE, SIDE)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    time = np.arange(SAMPLES) / 16_000
    hiss = np.random.default_rng(2).normal(0, 0.02, SAMPLES)
    soundfile.write(tmp_path / "voice.wav", 0.3 * np.sin(900 * time) * np.sin(9 * time) ** 2 + hiss, 16_000)
    return tmp_path / "voice.wav"


@pytest.fixture
def styles(tmp_path: Path) -> str:
    np.save(tmp_path / "sty.npy", np.random.default_rng(3).normal(size=(4, 135)).astype(np.float32))
    return str(tmp_path / "sty.npy")


def test_a_voice_and_a_photo_become_a_take(
    family: OriginalFamily, finder: Finder, voice: Path, photo: Path, styles: str, tmp_path: Path
) -> None:
    performance = animate(voice, photo, family, read_code(f"{styles}#3"), finder)
    take, person = performance.take, performance.person
    assert take.fps == 25
    assert take.coefficients.shape == (37, 257)
    still = np.delete(take.coefficients, np.r_[EXPRESSION], axis=1)
    np.testing.assert_array_equal(still, np.tile(np.delete(person.fit.coefficients, np.r_[EXPRESSION]), (37, 1)))
    assert (take.coefficients[:, EXPRESSION].std(axis=0) > 0).all()
    assert take.meta["models"] == {"motion": "style-fusion", "r-net": "12ab"}

    take_file.save(take, tmp_path / "take.npz")
    loaded = take_file.load(tmp_path / "take.npz")
    np.testing.assert_array_equal(loaded.coefficients, take.coefficients)
    assert loaded.meta == take.meta


def test_the_same_input_gives_the_same_take_and_another_style_another_expression(
    family: OriginalFamily, finder: Finder, voice: Path, photo: Path, styles: str
) -> None:
    first, again, other = (
        animate(voice, photo, family, read_code(f"{styles}#{row}"), finder).take for row in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.coefficients, again.coefficients)
    assert first.meta == again.meta
    difference = np.abs(first.coefficients - other.coefficients)
    assert difference[:, EXPRESSION].mean() > 1e-3
    assert not np.delete(difference, np.r_[EXPRESSION], axis=1).any()


def test_the_person_is_what_the_r_net_reads_off_the_aligned_photo(
    family: OriginalFamily, finder: Finder, photo: Path
) -> None:
    image = np.asarray(Image.open(photo))
    person = meet(image, family, finder)
    points = five_points(np.asarray(finder.points) - 0.5)
    square = align(points, family.standard_face, SIDE, SIDE).image(image)
    np.testing.assert_array_equal(person.photo, square)
    np.testing.assert_array_equal(person.fit.coefficients, family.reconstruction.coefficients(square[None])[0])


def test_both_schemes_of_landmarks_name_the_same_five_points() -> None:
    mesh = np.random.default_rng(4).uniform(0, 100, (478, 2)).astype(np.float32)
    ibug = np.zeros((68, 2), np.float32)
    ibug[[36, 39, 42, 45, 30, 48, 54]] = mesh[[33, 133, 362, 263, 1, 61, 291]]
    expected = points_of(Face(ibug, None, "ibug68", 1.0))
    np.testing.assert_array_equal(points_of(Face(mesh, None, "mediapipe478", 1.0)), expected)
    np.testing.assert_allclose(expected[2], mesh[1] - 0.5)


def test_what_cannot_be_used_is_refused(family: OriginalFamily, photo: Path) -> None:
    with pytest.raises(LandmarkError, match="no face was found"):
        meet(np.asarray(Image.open(photo)), family, Finder(None))
    with pytest.raises(AudioError, match="silent"):
        perform(np.zeros(SAMPLES, np.float32), family, np.zeros(135, np.float32))
    with pytest.raises(StyleFusionError, match="poses"):
        perform(np.ones(SAMPLES, np.float32), replace(family, motion=StyleFusionModel(7)), np.zeros(135, np.float32))


def test_a_face_that_the_r_net_places_out_of_the_photo_is_refused(
    family: OriginalFamily, finder: Finder, photo: Path
) -> None:
    astray = copy.deepcopy(family.reconstruction)
    heads = [tensor for name, tensor in astray.state_dict().items() if name.startswith("final_layers")]
    for tensor in heads:
        tensor.fill_(50.0)
    with pytest.raises(LandmarkError, match="outside of the photo"):
        meet(np.asarray(Image.open(photo)), replace(family, reconstruction=astray), finder)
