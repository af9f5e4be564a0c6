from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from backend.evaluation.disturbances import SOUNDS, at_level
from backend.evaluation.robustness import (
    OVER,
    PAUSES,
    over_results,
    pause_results,
    quiet_results,
    restlessness,
    sounds,
)
from backend.media import SAMPLE_RATE
from backend.speech_folder import Recording
from models.motion.motion import Motion
from models.speech.loudness import loudness
from tests.backend.evaluation.spoken_stage import SAID, Parrot, stage
from tests.models.motion.speech import spoken

NAMES = stage().face.expression_names


def moving(frames=100):
    return Motion(np.zeros((frames, 64), np.float32), *np.zeros((2, frames, 3), np.float32))


@pytest.mark.parametrize("name", SOUNDS)
def test_sounds_are_finite_unlike_speech_in_level_and_the_same_again(name):
    made, again = (SOUNDS[name](2 * SAMPLE_RATE, np.random.default_rng(1)) for _ in range(2))
    assert made.shape == (2 * SAMPLE_RATE,) and made.dtype == np.float32
    assert np.array_equal(made, again)
    assert np.isfinite(made).all() and np.abs(made).max() < 1
    assert -75 < 10 * np.log10(np.mean(np.square(made, dtype=np.float64))) < -15


def test_breath_swells_and_drums_beat():
    breath = loudness(SOUNDS["breathing"](4 * SAMPLE_RATE, np.random.default_rng(0)))
    assert np.quantile(breath, 0.8) - np.quantile(breath, 0.05) > 15
    drums = loudness(SOUNDS["drums"](4 * SAMPLE_RATE, np.random.default_rng(0)))
    beats = np.argsort(drums)[-8:] % 25  # of half a second
    assert ((beats < 6) | (beats > 22)).all()


def test_a_sound_is_brought_to_a_level():
    sound = at_level(np.sin(np.arange(1600.0)), -20.0)
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(0.1, rel=1e-3)


def test_a_face_at_rest_is_at_rest():
    found = restlessness(stage(), moving())
    assert (found.open, found.openings, found.jaw, found.ends, found.head) == (0, 0, 0, 0, 0)


def test_lips_that_flutter_are_counted_where_they_are_judged():
    motion, jaw = moving(), NAMES.index("jawOpen")
    motion.expression[25:75:10, jaw] = 0.3
    found = restlessness(stage(), motion)
    assert found.open == pytest.approx(0.05) and found.openings == pytest.approx(5 / 4)
    assert found.jaw == pytest.approx(2 * 5 * 0.3 / 4, rel=1e-4)
    assert found.ends == 0
    assert restlessness(stage(), motion, [(0.0, 1.0)]).openings == 0
    assert restlessness(stage(), motion, [(1.0, 2.0)]).openings == 3


def test_what_moves_at_the_ends_is_seen():
    motion = moving()
    motion.expression[3, NAMES.index("jawOpen")] = 0.3
    motion.angles[-2, 1] = np.radians(2)
    found = restlessness(stage(), motion)
    assert found.ends > 1 and found.head == pytest.approx(2, rel=1e-4)


class Deaf(Parrot):
    """Hears the same sentence in everything."""

    name = "deaf"

    def hear(self, recording, transcript):
        return super().hear(Path("one.wav"), None)


class Asleep(Parrot):
    """Hears nothing in anything."""

    name = "asleep"

    def hear(self, recording, transcript):
        heard = super().hear(Path("one.wav"), None)
        return replace(heard, phones=spoken(f"SIL:{heard.seconds}"))


def test_who_hears_speech_in_everything_is_restless_and_who_sleeps_is_not(tmp_path):
    here = stage()
    here.models = [Deaf(), Asleep()]
    found = {(r.data, r.system, r.measure): r.value for r in quiet_results(here, 2.0, [], tmp_path)}
    for name in SOUNDS:
        assert found[name, "deaf", "openings/s"] > 0.5 and found[name, "asleep", "openings/s"] == 0
        assert found[name, "deaf", "jaw travel/s"] > 0.3 and found[name, "asleep", "jaw travel/s"] < 1e-3


def test_music_of_ones_own_is_taken_from_its_middle(tmp_path):
    sound = np.concatenate([np.zeros(SAMPLE_RATE), np.full(2 * SAMPLE_RATE, 0.5), np.zeros(SAMPLE_RATE)])
    soundfile.write(tmp_path / "tune.wav", sound, SAMPLE_RATE)
    name, cut = list(sounds(1.0, [tmp_path / "tune.wav"]))[-1]
    assert name == "music: tune" and len(cut) == SAMPLE_RATE and cut == pytest.approx(0.5, abs=1e-3)


def test_speech_is_judged_in_its_pauses_and_over_other_sounds(tmp_path):
    here = stage()
    said = []
    for name, spans in SAID.items():
        soundfile.write(tmp_path / name, np.full(round(spans[-1].end * SAMPLE_RATE), 0.1), SAMPLE_RATE)
        said.append(Recording(tmp_path / name, "known", None))
    over = list(over_results(_any_name(here), said, [], tmp_path))
    assert {row.section for row in over} == {OVER}
    clean = {row.measure: row.value for row in over if row.data == "clean"}
    assert clean["/p b m/ recall"] == 1.0
    assert {row.data for row in over} == {"clean", "fan", "pink noise", "drums", "chords and drums"}
    rows = list(pause_results(_any_name(here), said[:1], tmp_path))
    assert {row.data for row in rows} == {PAUSES, "the speech between them"}


def _any_name(here):
    """A stage whose parrot knows a sentence by the beginning of its file's name, and the last of them else."""

    class Lenient(Parrot):
        def hear(self, recording, transcript):
            known = next((name for name in SAID if recording.stem.startswith(name[:-4])), "one.wav")
            return super().hear(Path(known), transcript)

    here.models = [Lenient()]
    return here
