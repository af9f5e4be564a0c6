import dataclasses

import numpy as np
import pytest
import soundfile

from backend.evaluation import lip_timing
from backend.evaluation.baselines import LATE, LOUD, MEAN, SHUFFLED
from tests.backend.evaluation.spoken_stage import SAID, said, stage


@pytest.fixture
def folder(tmp_path):
    for name, phones in SAID.items():
        sound = 0.1 * np.random.default_rng(0).standard_normal(int(16000 * phones[-1].end))
        soundfile.write(tmp_path / name, sound, 16000)
    return tmp_path


def cells(results):
    return {(r.system, r.measure): r.value for r in results}


def test_the_articulator_is_told_from_every_baseline(folder, tmp_path):
    found = cells(lip_timing.timing_results(stage(), "here", said(folder), [], tmp_path))
    ours = "articulator, transcript"
    assert found[ours, "/p b m/ recall"] > 0.95 and found[ours, "/p b m/ precision"] > 0.95
    assert found[ours, "shut in pauses"] > 0.95 and abs(found[ours, "lag ms"]) < 25
    for baseline in (MEAN, LOUD, SHUFFLED, LATE):
        both = found[baseline, "/p b m/ recall"], found[baseline, "/p b m/ precision"]
        assert np.nanmin(both) < 0.6, baseline
    assert found[LATE, "lag ms"] == pytest.approx(200, abs=25)


def test_a_recording_is_judged_by_its_own_labels_where_its_transcript_does_not_fit(folder, tmp_path):
    unknown = said(folder, "другое")
    labelled = [dataclasses.replace(one, labels=SAID[one.path.name]) for one in unknown[:2]]
    kept, references = lip_timing.aligned(stage(), [*labelled, unknown[2]])
    assert [one.path.name for one in kept] == ["one.wav", "two.wav"]
    assert references[1][1].label == SAID["two.wav"][1].label
    found = cells(lip_timing.timing_results(stage(), "here", labelled, [], tmp_path))
    assert ("articulator, sound alone", "/p b m/ recall") in found
    assert ("articulator, transcript", "/p b m/ recall") not in found


def test_a_noisy_copy_has_the_speech_and_a_tenth_of_its_power_in_noise(folder, tmp_path):
    copy, _ = soundfile.read(lip_timing.noisy_copy(folder / "one.wav", tmp_path, 1))
    clean, _ = soundfile.read(folder / "one.wav")
    scale = (copy @ clean) / (clean @ clean)
    noise = copy / scale - clean
    assert 10 * np.log10(np.mean(clean**2) / np.mean(noise**2)) == pytest.approx(10, abs=0.5)
