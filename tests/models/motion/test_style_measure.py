import hashlib
import re
from dataclasses import replace

import numpy as np
import pytest

from models.coefficients import ANGLES, EXPRESSION, assemble
from models.face import open_head
from models.motion.articulator import articulate
from models.motion.motion import MotionError
from models.motion.style_features import FEATURES, blink_count, features, signals
from models.motion.style_measure import GAZE_FEATURES, POSE_FEATURES, WEIGHTS, Footage, measured_style, neutral_features
from models.motion.styles import STYLES, Style
from tests.face_models import ellipsoid
from tests.models.motion.speech import PARAGRAPH, SENTENCE

SECONDS = 4 * SENTENCE[-1].end
FACE = open_head.load()


def take(style, seed=0, **options):
    """Coefficients of four sentences in `style`."""
    chosen = STYLES[style] if isinstance(style, str) else style
    spans = [span for span in PARAGRAPH if span.end <= SECONDS + 1e-6]
    motion = articulate(spans, (), SECONDS, chosen, FACE.expression_names, seed=seed, **options)
    still = np.zeros(80, np.float32)
    return assemble(still, motion.expression, still, motion.angles, np.zeros(27, np.float32), motion.translation)


def jittering(clip):
    """A face that holds still, seen through noisy landmarks."""
    clip[:, EXPRESSION] = 0.03 + 0.003 * np.random.default_rng(0).normal(size=(len(clip), 64))
    return clip


@pytest.fixture(scope="module")
def presets():
    """Every preset with what is measured on a take of it, each of another seed."""
    return [(style, measured_style(take(style, seed), FACE)) for seed, style in enumerate(STYLES.values())]


@pytest.mark.parametrize("name", ["lips", "jaw", "width", "crispness", "brows", "head", "nods", "tempo"])
def test_what_is_measured_follows_what_was_asked(presets, name):
    asked = np.log([getattr(style, name) for style, _ in presets])
    found = np.log([getattr(measured.style, name) for _, measured in presets])
    assert np.corrcoef(asked, found)[0, 1] > 0.9
    assert 0.6 < np.polyfit(asked, found, 1)[0] < 1.5
    assert all(measured.confidence[name] > 0.5 for _, measured in presets)


def test_moods_and_postures_are_found_again(presets):
    for style, measured in presets:
        for unit in ("mouthSmileLeft", "mouthFrownLeft", "browDownLeft", "eyeBlinkRight"):
            assert measured.style.mood.get(unit, 0.0) == pytest.approx(style.mood.get(unit, 0.0), abs=0.05)
        assert np.abs(np.subtract(measured.style.posture, style.posture)).max() < 3.0


@pytest.mark.parametrize("rate", [0.0, 10.0, 30.0])
def test_every_blink_is_counted(rate):
    clip = take(replace(STYLES["neutral"], blinks_per_minute=rate), seed=3)
    lids = clip[:, EXPRESSION.start + FACE.expression_names.index("eyeBlinkLeft")]
    shut = np.count_nonzero(np.diff((lids > 0.6).astype(int)) == 1)
    assert blink_count(signals(clip, FACE)) == shut and (shut > 0) == (rate > 0)


def test_a_long_look_down_is_no_blink():
    clip = take(replace(STYLES["neutral"], blinks_per_minute=0.0))
    for side in ("Left", "Right"):
        clip[100:130, EXPRESSION.start + FACE.expression_names.index("eyeBlink" + side)] = 0.9
    assert blink_count(signals(clip, FACE)) == 0


def test_what_a_source_lacks_is_left_neutral():
    moving = take("energetic")
    without = measured_style(moving, FACE, lacks=POSE_FEATURES | GAZE_FEATURES, upright=False)
    assert {"head", "nods", "gaze", "posture"}.isdisjoint(without.confidence)
    assert (without.style.head, without.style.nods, without.style.posture) == (1.0, 1.0, (0.0, 0.0, 0.0))
    assert without.style.jaw == pytest.approx(measured_style(moving, FACE).style.jaw, rel=0.1)


@pytest.mark.parametrize("asked", [0.0, 0.04, 0.25])
def test_a_crooked_mouth_is_seen_in_a_take(asked):
    measured = measured_style(take(replace(STYLES["neutral"], asymmetry=asked)), FACE)
    assert measured.style.asymmetry == pytest.approx(asked, abs=0.01) and "asymmetry" in measured.confidence


def test_dynamics_cannot_be_told_and_stay_neutral(presets):
    assert all(measured.style.dynamics == 1.0 and "dynamics" not in measured.confidence for _, measured in presets)


def test_a_longer_clip_is_surer_and_a_still_one_is_calmer():
    clip = take("neutral")
    short, long = measured_style(clip[:150], FACE), measured_style(clip, FACE)
    assert short.confidence["head"] < long.confidence["head"]
    still = clip.copy()
    still[:, ANGLES] *= 0.3
    assert measured_style(still, FACE).style.head < 0.6 * long.style.head


def test_the_raw_code_is_the_clips_own_deviation():
    clip = take("calm")
    measure = measured_style(clip, FACE).measure
    assert np.allclose(measure.code[:64], clip[:, EXPRESSION].std(axis=0), atol=1e-6)
    assert np.allclose(measure.mean_expression, clip[:, EXPRESSION].mean(axis=0), atol=1e-6)
    assert np.allclose(measure.mean_angles, np.degrees(clip[:, ANGLES].mean(axis=0)), atol=1e-4)
    assert measure.face_model == "open_head"


def test_a_measured_style_keeps_to_what_the_articulator_takes(presets):
    for _, measured in presets:
        assert isinstance(measured.style, Style) and take(measured.style).shape == take("neutral").shape


def test_features_grow_with_the_movement():
    clip = take("neutral")
    louder = clip.copy()
    louder[:, EXPRESSION] = np.clip(1.2 * clip[:, EXPRESSION], 0, 1)
    change = features(signals(louder, FACE)) - features(signals(clip, FACE))
    assert change[FEATURES.index("gap_spread")] == pytest.approx(np.log(1.2), abs=0.03)


def test_footage_is_undone():
    footage = Footage(np.array([0.7]), np.array([0.2]), np.array([0.1]))
    for size in (0.5, 1.0, 3.0):
        seen = np.hypot(0.7 * size, 0.2)
        assert np.exp(footage.corrected(np.log([seen])))[0] == pytest.approx(size)
    assert np.isfinite(footage.corrected(np.log([0.1]))).all()


@pytest.mark.parametrize(
    ("clip", "said"), [(lambda: take("neutral")[:100], "4.0 s"), (lambda: 0 * take("neutral"), "mouth moves for 0.0 s")]
)
def test_a_short_or_silent_clip_is_refused(clip, said):
    with pytest.raises(MotionError, match=said):
        measured_style(clip(), FACE)


def test_another_face_model_is_refused():
    face = replace(ellipsoid(), landmarks478=None)
    with pytest.raises(MotionError, match="open head"):
        measured_style(take("neutral"), face)


def test_people_are_trusted_less_than_takes_and_trackers_rest_squinting():
    clip = take("energetic")
    for side in ("Left", "Right"):
        clip[:, EXPRESSION.start + FACE.expression_names.index("eyeSquint" + side)] = 0.4
    ours, theirs = measured_style(clip, FACE), measured_style(clip, FACE, seen="weights")
    assert all(theirs.confidence[name] < ours.confidence[name] for name in ("lips", "jaw", "brows", "head", "mood"))
    assert ours.style.mood["eyeSquintLeft"] == pytest.approx(0.4, abs=0.02) and "eyeSquintLeft" not in theirs.style.mood


def test_the_card_names_the_gauge_that_is_here():
    recorded = re.search(r"\*\*SHA-256\*\*: `([0-9a-f]{64})`", WEIGHTS.with_suffix(".md").read_text(encoding="utf-8"))
    assert recorded is not None and recorded[1] == hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()


def test_knowing_what_is_said_takes_the_sentences_out():
    spans = [span for span in PARAGRAPH if span.end <= SECONDS + 1e-6]
    spoken = neutral_features(spans, (), SECONDS, FACE)
    for name in ("mumbling", "neutral", "energetic"):
        clip = take(name, seed=7)
        known, unknown = measured_style(clip, FACE, spoken=spoken), measured_style(clip, FACE)
        assert known.style.jaw == pytest.approx(STYLES[name].jaw, rel=0.08)
        assert known.style.lips == pytest.approx(STYLES[name].lips, rel=0.12)
        assert known.confidence["rounding"] > unknown.confidence["rounding"]
