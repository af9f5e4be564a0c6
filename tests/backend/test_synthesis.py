from pathlib import Path

import numpy as np
import pytest
import soundfile

from backend import synthesis
from backend.delivery import DEMO_TRANSCRIPT, DEMO_VOICE
from models import take as take_file
from models.coefficients import ALBEDO, ANGLES, EXPRESSION, GAMMA, IDENTITY, TRANSLATION
from models.face import open_head
from models.face.model import FaceModel
from models.motion.lip_contact import LipGauge
from models.motion.motion import MotionError
from models.motion.streams import CHANNELS
from models.motion.style_choice import chosen_style
from models.motion.style_document import parameters
from models.motion.styles import Style
from models.speech.phones import BILABIAL


@pytest.fixture(scope="module")
def face_model() -> FaceModel:
    return open_head.load()


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's first 4.5 seconds, as another kind of file."""
    waveform, rate = soundfile.read(DEMO_VOICE)
    path = tmp_path_factory.mktemp("voice") / "voice.ogg"
    soundfile.write(path, waveform[: int(4.5 * rate)], rate)
    return path


@pytest.fixture(scope="module")
def speech(voice: Path) -> synthesis.Speech:
    return synthesis.hear(voice)


def test_a_voice_becomes_a_take_that_knows_where_it_comes_from(
    speech: synthesis.Speech, voice: Path, face_model: FaceModel, tmp_path: Path
) -> None:
    person = synthesis.default_person(face_model)
    take = synthesis.perform(speech, person, face_model, style="calm", seed=3)
    assert take.coefficients.shape == (np.ceil(speech.seconds * 25), 257)
    assert take.coefficients[:, EXPRESSION].std(axis=0).max() > 0.05
    for constant in (IDENTITY, ALBEDO, GAMMA):
        assert np.ptp(take.coefficients[:, constant], axis=0).max() == 0
    meta = take.meta
    assert meta["face_model"]["sha256"] == face_model.sha256
    assert meta["audio"]["name"] == voice.name and len(meta["audio"]["sha256"]) == 64
    assert (meta["style"], meta["seed"], meta["models"]["timing"]) == ("calm", 3, "encoder")
    assert len(meta["timeline"]["phones"]) == len(speech.phones)
    again = synthesis.perform(synthesis.hear(voice), person, face_model, style="calm", seed=3)
    take_file.save(take, tmp_path / "a.npz")
    take_file.save(again, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_another_style_and_seed_move_the_head_otherwise_on_the_same_voice(
    speech: synthesis.Speech, face_model: FaceModel
) -> None:
    person = synthesis.default_person(face_model)
    calm, other, reseeded = (
        synthesis.perform(speech, person, face_model, style=style, seed=seed).coefficients
        for style, seed in (("calm", 0), ("energetic", 0), ("calm", 1))
    )
    jaw = EXPRESSION.start + face_model.expression_names.index("jawOpen")
    assert other[:, jaw].max() > 1.1 * calm[:, jaw].max()
    assert not np.allclose(calm[:, ANGLES], reseeded[:, ANGLES])
    assert np.abs(calm[0, ANGLES]).max() < 0.2 and np.abs(calm[:, TRANSLATION]).max() < 0.5


def test_sliders_reach_their_channels_only(speech: synthesis.Speech, face_model: FaceModel) -> None:
    person = synthesis.default_person(face_model)
    plain = synthesis.perform(speech, person, face_model).coefficients
    lids = EXPRESSION.start + face_model.expression_names.index("eyeBlinkLeft")
    for name in CHANNELS:
        off = synthesis.perform(speech, person, face_model, sliders={name: 0.0})
        assert off.meta["sliders"] == {channel: float(channel != name) for channel in CHANNELS}
        head = np.degrees(np.abs(off.coefficients[:, ANGLES] - plain[:, ANGLES])).max()
        assert head > 1 if name == "head" else head < 0.05
        assert off.coefficients[:, lids].any() == (name != "blinks")
    with pytest.raises(ValueError, match="ears"):
        synthesis.perform(speech, person, face_model, sliders={"ears": 1.0})


def test_a_style_document_is_performed_and_kept(speech: synthesis.Speech, face_model: FaceModel) -> None:
    person = synthesis.default_person(face_model)
    document = chosen_style("calm:0.5+cheerful:0.5")
    take = synthesis.perform(speech, person, face_model, style=document)
    assert take.meta["style"] == "calm+cheerful"
    assert take.meta["style_parameters"] == parameters(document.style)
    same = synthesis.perform(speech, person, face_model, style=document.style)
    assert np.array_equal(take.coefficients, same.coefficients)
    with pytest.raises(ValueError, match="jaw"):
        synthesis.perform(speech, person, face_model, style=Style("wrong", "", jaw=float("nan")))


def test_with_a_transcript_the_lips_close_on_every_p_b_m(face_model: FaceModel) -> None:
    speech = synthesis.hear(DEMO_VOICE, transcript=DEMO_TRANSCRIPT.read_text(encoding="utf-8"))
    assert [word.word.lower() for word in speech.words][:4] == ["hello", "one", "photograph", "and"]
    take = synthesis.perform(speech, synthesis.default_person(face_model), face_model)
    gap = LipGauge.of(face_model).lip_gap(take.coefficients[:, EXPRESSION])
    bilabials = [span for span in speech.phones if span.label in BILABIAL]
    assert len(bilabials) >= 12
    for span in bilabials:
        centre = round((span.start + span.end) / 2 * take.fps)
        assert gap[centre - 1 : centre + 2].min() < 0.5, f"lips stay open on {span}"


def test_the_photo_decides_who_is_seen(face_model: FaceModel) -> None:
    from skimage import data

    person = synthesis.meet(data.astronaut(), face_model)
    assert np.abs(person.identity).max() > 0.1 and person.texture.shape == (1024, 1024, 3)
    assert person.facts is not None and person.facts["size"] == [512, 512]


def test_no_photo_means_the_average_face(face_model: FaceModel) -> None:
    person = synthesis.default_person(face_model)
    assert not person.identity.any() and person.facts is None
    assert person.texture.std() > 1


def test_a_misspelt_style_is_refused_before_anything_is_read(face_model: FaceModel) -> None:
    with pytest.raises(ValueError, match="calm"):
        synthesis.animate(Path("no such file.wav"), None, face_model, style="clam")


def test_silence_and_broken_sound_are_one_clear_error(tmp_path: Path, face_model: FaceModel) -> None:
    soundfile.write(tmp_path / "silent.wav", np.zeros(32000), 16000)
    with pytest.raises(ValueError, match="silent"):
        synthesis.animate(tmp_path / "silent.wav", None, face_model)
    (tmp_path / "broken.wav").write_bytes(DEMO_VOICE.read_bytes()[:100])
    with pytest.raises(ValueError, match=r"broken\.wav"):
        synthesis.animate(tmp_path / "broken.wav", None, face_model)


def test_the_learned_motion_moves_to_the_same_voice(voice: Path, face_model: FaceModel) -> None:
    learned = synthesis.mover("learned", face_model)
    speech = synthesis.hear(voice, learned=learned)
    person = synthesis.default_person(face_model)
    take = synthesis.perform(speech, person, face_model, style="calm", seed=3, learned=learned)
    ruled = synthesis.perform(speech, person, face_model, style="calm", seed=3)
    assert take.coefficients.shape == ruled.coefficients.shape
    assert take.coefficients[:, EXPRESSION].std(axis=0).max() > 0.05
    assert np.abs(take.coefficients - ruled.coefficients)[:, EXPRESSION].max() > 0.05
    assert take.meta["models"]["motion"] == "learned" and len(take.meta["models"]["motion_weights"]) == 64
    assert ruled.meta["models"]["motion"] == "articulator" and "motion_weights" not in ruled.meta["models"]


def test_a_transcript_times_the_learned_motion(voice: Path, face_model: FaceModel) -> None:
    learned = synthesis.mover("learned", face_model)
    words = " ".join(DEMO_TRANSCRIPT.read_text(encoding="utf-8").split()[:9])
    speech = synthesis.hear(voice, transcript=words, learned=learned)
    assert speech.features is not None and speech.timing == "transcript"
    known = speech.features.posteriors.max(axis=1)
    assert np.median(known) > 0.95, "the alignment takes the place of what was heard"


def test_the_learned_motion_needs_speech_that_was_heard_for_it(speech: synthesis.Speech, face_model: FaceModel) -> None:
    learned = synthesis.mover("learned", face_model)
    with pytest.raises(MotionError, match="hear it again"):
        synthesis.perform(speech, synthesis.default_person(face_model), face_model, learned=learned)
    with pytest.raises(MotionError, match="articulator, learned"):
        synthesis.mover("guess", face_model)
