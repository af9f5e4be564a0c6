import numpy as np
import pytest

from models.face import open_head
from models.motion.style_code import StyleCodeError
from models.motion.style_measure import raw_code
from models.motion.style_statistics import BLOCKS, denormalised, most_unusual, normalised, open_statistics
from tests.models.motion.test_style_measure import take

NAMES = open_head.load().expression_names


def test_codes_go_there_and_back():
    code = np.random.default_rng(0).normal(0, 0.5, 135).astype(np.float32)
    raw = denormalised(code)
    assert raw.min() >= 0
    assert normalised(raw)[raw > 0] == pytest.approx(code[raw > 0], abs=1e-3)
    assert np.abs(denormalised(np.full(135, -1e6))).max() == 0


def test_the_average_speaker_is_zero():
    assert normalised(denormalised(np.zeros(135))) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("wrong", [np.zeros(134), np.full(135, np.nan), np.zeros((1, 135))])
def test_what_is_no_code_is_refused(wrong):
    with pytest.raises(StyleCodeError):
        normalised(wrong)
    with pytest.raises(StyleCodeError):
        denormalised(wrong)


def test_takes_of_the_articulator_lie_among_the_speakers_it_was_made_from():
    codes = np.array([normalised(raw_code(take(name, seed=3))) for name in ("neutral", "calm", "energetic", "shy")])
    assert np.abs(codes).mean() < 1.5
    assert np.abs(codes).max() < 12  # what no random style holds, such as a mood of one's own
    calm, energetic = codes[1], codes[2]
    for part in BLOCKS.values():
        assert calm[part].mean() < energetic[part].mean() - 0.3


def test_statistics_are_those_of_the_open_head():
    statistics = open_statistics()
    jaw, smile = NAMES.index("jawOpen"), NAMES.index("mouthSmileLeft")
    assert 0.05 < statistics.expression_mean[jaw] < 0.25
    assert statistics.expression_deviation[smile] > 0
    assert statistics is open_statistics()


def test_what_is_unusual_comes_first():
    code = np.zeros(135)
    code[NAMES.index("jawOpen")], code[64 + NAMES.index("browInnerUp")], code[128 + 2] = 3.0, -1.0, 2.0
    found = most_unusual(denormalised(code), NAMES, 1)
    assert list(found) == list(BLOCKS)
    firsts = [rows[0] for rows in found.values()]
    assert [name for name, _ in firsts] == ["jawOpen", "browInnerUp", "turn"]
    assert [value for _, value in firsts] == pytest.approx([3.0, -1.0, 2.0], abs=0.01)
