import itertools
from dataclasses import replace

import numpy as np
import pytest

from models.face.camera import rotation
from models.motion import habits
from models.motion.blinks import blinks, lids
from models.motion.gaze import SIDE_AT_1, UP_AT_1, eye_units, gaze
from models.motion.head_motion import NECK, about_the_neck, head_motion
from models.motion.prosody import emphases, levels
from models.motion.streams import CHANNELS, stream
from models.motion.styles import STYLES, style_named
from models.motion.timeline import Pause, gapless, pauses
from models.motion.upper_face import upper_face
from tests.face_models import EXPRESSIONS
from tests.models.motion.speech import PARAGRAPH, say, spoken, unit

MINUTES = PARAGRAPH[-1].end / 60


def blink_starts(motion):
    return np.flatnonzero(np.diff((unit(motion, "eyeBlinkLeft") > 0.6).astype(int)) == 1)


def test_streams_differ_by_channel_and_seed_and_repeat():
    draws = {(seed, channel): stream(seed, channel).random() for seed in (0, 1) for channel in CHANNELS}
    assert len(set(draws.values())) == len(draws)
    assert stream(1, "head").random() == draws[1, "head"]


def test_blink_rate_is_natural_and_follows_the_slider():
    rates = [len(blink_starts(say(PARAGRAPH, seed=seed))) / MINUTES for seed in range(6)]
    assert np.mean(rates) == pytest.approx(STYLES["neutral"].blinks_per_minute, rel=0.12)
    doubled = [len(blink_starts(say(PARAGRAPH, seed=seed, sliders={"blinks": 2}))) / MINUTES for seed in range(6)]
    assert np.mean(doubled) == pytest.approx(2 * np.mean(rates), rel=0.15)
    assert not unit(say(PARAGRAPH, sliders={"blinks": 0}), "eyeBlinkLeft").any()


def test_lids_are_shut_for_as_long_as_captured_ones():
    times = np.arange(-500, 500) / 1000
    closed = lids(times, 0.04)
    assert 0.120 < np.mean(closed > 0.5) < 0.155
    assert 0.170 < np.mean(closed > 0.2) < 0.215
    assert np.mean(closed[times < 0] > 0.5) < np.mean(closed[times > 0] > 0.5)
    assert closed.max() == 1 and closed[0] == closed[-1] == 0


def test_lids_shut_fast_and_open_slowly_and_shut_in_some_frame():
    motion = say(PARAGRAPH, fps=100)
    lids = unit(motion, "eyeBlinkRight")
    for start in blink_starts(motion):
        around = lids[max(start - 20, 0) : start + 40]
        shut = np.flatnonzero(around >= 0.9)
        assert shut.size
        closing, opening = shut[0] - np.argmax(around > 0.02), np.argmax(around[shut[-1] :] < 0.02)
        assert closing < opening
    coarse = say(PARAGRAPH)
    peaks = [unit(coarse, "eyeBlinkLeft")[s : s + 6].max() for s in blink_starts(coarse)]
    assert min(peaks) > 0.85


def test_blinks_gather_at_phrase_ends():
    ends = np.array([span.start for span in PARAGRAPH if span.label == "SIL" and span.end - span.start > 0.15])
    starts = np.concatenate([blink_starts(say(PARAGRAPH, seed=seed)) / 25 for seed in range(6)])
    near = np.mean(np.min(np.abs(starts[:, None] - ends), axis=1) < 0.2)
    chance = min(1.0, len(ends) * 0.4 / PARAGRAPH[-1].end)
    assert near > chance + 0.1


@pytest.mark.parametrize("style", STYLES)
def test_closed_lids_are_never_wide_or_squinting(style):
    motion = say(PARAGRAPH, style=style)
    for side in ("Left", "Right"):
        closed = unit(motion, "eyeBlink" + side) > 0.5
        assert unit(motion, "eyeWide" + side)[closed].max(initial=0) == 0
        assert unit(motion, "eyeSquint" + side)[closed].max(initial=0) == 0


def test_both_eyes_look_the_same_way():
    units = eye_units(np.array([[SIDE_AT_1 / 2, UP_AT_1 / 2], [-SIDE_AT_1 / 4, -SIDE_AT_1 / 4]]))
    assert units["eyeLookOutLeft"].tolist() == units["eyeLookInRight"].tolist() == [0.5, 0]
    assert units["eyeLookInLeft"].tolist() == units["eyeLookOutRight"].tolist() == [0, 0.25]
    assert units["eyeLookUpLeft"].tolist() == units["eyeLookUpRight"].tolist() == [0.5, 0]
    assert units["eyeLookDownLeft"].tolist() == units["eyeLookDownRight"].tolist() == [0, 0.25]


def test_eyes_shift_yet_mostly_stay_on_the_listener():
    motion = say(PARAGRAPH, sliders={"head": 0})
    sideways = (unit(motion, "eyeLookOutLeft") - unit(motion, "eyeLookInLeft")) * SIDE_AT_1
    shifts = np.count_nonzero(np.abs(np.diff(sideways)) > 0.3) / MINUTES
    assert 15 < shifts < 120
    assert np.median(np.abs(sideways)) < 3 and np.abs(sideways).max() < 20


def test_eyes_stay_on_target_while_the_head_turns():
    still = say(PARAGRAPH, sliders={"head": 0})
    turning = say(PARAGRAPH, sliders={"head": 2})

    def sideways(motion):
        return np.radians((unit(motion, "eyeLookOutLeft") - unit(motion, "eyeLookInLeft")) * SIDE_AT_1)

    in_room = sideways(turning) + turning.angles[:, 1]
    assert np.abs(in_room - sideways(still)).max() < 0.15 * np.abs(turning.angles[:, 1]).max() + 1e-6


def test_brows_rise_on_the_emphasised_word():
    spans = spoken("SIL:0.5 N AH N IH N AH AA:0.25 N AH N IH N AH N IH N AH SIL:0.6", 0.08)
    loudness = np.full(140, 0.02)
    loudness[48:64] = 0.3
    raised = np.mean(
        [unit(say(spans, loudness=loudness, seed=s, style="energetic"), "browInnerUp") for s in range(12)], 0
    )
    assert abs(np.argmax(raised) / 25 - 1.1) < 0.25
    assert raised.max() > 0.15


@pytest.mark.parametrize("style", STYLES)
def test_head_starts_and_ends_at_rest_and_stays_in_range(style):
    motion = say(PARAGRAPH, style=style)
    for pose in (motion.angles, motion.translation):
        assert np.abs(pose[[0, -1]]).max() < 1e-6
        assert np.abs(np.diff(pose[[0, 1]], axis=0)).max() < 1e-3
    degrees = np.degrees(motion.angles)
    assert np.abs(degrees).max() < 18
    assert np.abs(np.diff(degrees, axis=0)).max() * 25 < 110
    assert np.abs(motion.translation).max() < 0.45


def test_neutral_head_moves_as_far_and_as_fast_as_captured_heads_do():
    heads = [np.degrees(say(PARAGRAPH, seed=s).angles) for s in range(4)]
    deviation = np.mean([habits.head_range(head, 25.0) for head in heads], axis=0)
    assert (deviation > [1.4, 1.3, 1.3]).all() and (deviation < [3.1, 3.5, 3.7]).all()
    speed = np.concatenate([habits.head_speed(head, 25.0) for head in heads])
    assert 3.7 < np.median(speed) < 8.2
    assert 2.5 < np.quantile(speed, 0.95) / np.median(speed) < 4.4  # in bursts; a steady sway has 1.8


@pytest.mark.parametrize("style", STYLES)
def test_first_and_last_200_ms_are_at_rest(style):
    for seed in range(5):
        motion = say(PARAGRAPH, style=style, seed=seed)
        for ends in (slice(0, 6), slice(-6, None)):
            assert np.abs(motion.angles[ends]).max() < 1e-6
            for name in (name for name in EXPRESSIONS if name.startswith(("brow", "eyeBlink", "eyeWide", "eyeLook"))):
                held = STYLES[style].mood.get(name, 0.0)
                assert unit(motion, name)[ends] == pytest.approx(held, abs=1e-6), name


def test_head_moves_more_in_a_larger_style_and_faster_at_a_higher_tempo():
    def head(**changes):
        return np.degrees(say(PARAGRAPH, style=replace(STYLES["neutral"], nods=0, **changes), seed=2).angles)

    plain = head()
    assert head(head=2.0).std(axis=0) == pytest.approx(2 * plain.std(axis=0), rel=0.1)  # breath stays as it is
    quick = head(tempo=1.6)
    assert np.median(habits.head_speed(quick, 25.0)) > 1.3 * np.median(habits.head_speed(plain, 25.0))
    assert quick.std(axis=0) == pytest.approx(plain.std(axis=0), rel=0.25)


def test_any_frame_rate_samples_the_same_head():
    coarse, fine = say(PARAGRAPH, fps=25), say(PARAGRAPH, fps=100)
    shared = slice(20, len(coarse.angles) - 30)  # the last frame's time, where it rests, is the rate's own
    assert np.abs(fine.angles[::4][: len(coarse.angles)] - coarse.angles)[shared].max() < 1e-5


def test_channels_of_a_stream_equal_those_of_the_whole():
    spans = gapless(PARAGRAPH, PARAGRAPH[-1].end)
    silences, accents = pauses(spans, 0.15), emphases(spans, levels(spans, ()))
    times = np.arange(int(PARAGRAPH[-1].end * 25)) / 25
    style, forever = style_named("shy"), np.inf

    def made(now, until):
        known = [Pause(p.start, min(p.end, until)) for p in silences if p.start + 0.15 <= until]
        angles, lift = head_motion([a for a in accents if a.time < until], known, now, style, 1.0, 5, forever)
        weights = blinks(known, now, style, 1.0, 5, 25.0, forever) | gaze(known, angles, now, style, 1.0, 5, forever)
        weights |= upper_face([a for a in accents if a.time < until], now, style, 1.0, 5, forever)
        return np.column_stack([angles, lift, *(weights[name] for name in sorted(weights))])

    whole = made(times, forever)
    cuts = [0, 40, 41, 333, 800, len(times)]
    pieces = [made(times[a:b], times[b - 1] + 0.2) for a, b in itertools.pairwise(cuts)]
    assert np.abs(np.concatenate(pieces) - whole).max() < 1e-9


def test_head_turns_about_the_neck():
    angles = np.array([[0.1, -0.2, 0.05], [0.0, 0.3, 0.0]])
    moved = np.einsum("tij,j->ti", rotation(angles), NECK) + about_the_neck(angles)
    assert np.abs(moved - NECK).max() < 1e-6
