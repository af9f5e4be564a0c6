import random

import numpy as np
import pytest
from torch.utils.data import DataLoader

from backend.training.clips.records import ClipFileError
from backend.training.ted_dataset.items import TestItems, TrainingItems
from backend.training.ted_dataset.lmdb_file import TedReader, TedWriter
from models.coefficients import EXPRESSION
from models.motion.style_code import StyleStatistics, pose_of, style_code
from tests.backend.training.ted_dataset.clips import make_clip
from tests.golden import GOLDEN, needs

FOLDER = GOLDEN / "lmdb_mini"
STYLE = GOLDEN / "style"
needs_golden = needs(FOLDER, STYLE)

ROWS = ("s_m", "s_s", "d_s_m", "d_s_s")
PLAIN = StyleStatistics.from_original(
    {row: np.ones(64, np.float32) for row in ROWS}, {row: np.ones(7, np.float32) for row in ROWS}
)


def reader_of(folder, clips, split="train"):
    with TedWriter(folder) as writer:
        for index, clip in enumerate(clips):
            writer.write(split, index, clip)
    return TedReader(folder)


def test_a_training_item_is_one_window_with_the_style_of_its_clip(tmp_path):
    clip = make_clip(40)
    with reader_of(tmp_path, [clip]) as reader:
        items = TrainingItems(reader, PLAIN, random.Random(3))
        starts = set()
        for _ in range(100):
            item = items[0]
            start = int(item.expression[0, 0] / 100)
            starts.add(start)
            assert np.array_equal(item.expression, clip["coeff_norm"][start : start + 32, EXPRESSION].T)
            assert np.array_equal(item.pose, pose_of(clip["coeff_norm"])[start : start + 32].T)
            heard = np.clip(np.arange(2 * start - 8, 2 * start + 72), 0, 79)
            assert np.array_equal(item.audio, clip["deepspeech"][heard].T)
            assert np.array_equal(item.energy, heard[None])
            whole = style_code(clip["coeff_norm"][:, EXPRESSION], pose_of(clip["coeff_norm"]), PLAIN)
            assert np.array_equal(item.style, whole)
    assert starts == set(range(9))  # both ends included


def test_a_test_item_is_all_windows(tmp_path):
    clip = make_clip(41, features=81)
    with reader_of(tmp_path, [clip], "test") as reader:
        item = TestItems(reader)[0]
    assert item.frames == 41
    assert list(item.expression[:, 0, 0] / 100) == [0, 8, 9, 9, 9, 9]
    assert item.expression.shape == (6, 64, 32)
    assert item.pose.shape == (6, 7, 32)
    assert list(item.energy[0, 0, :9]) == [0, 0, 0, 0, 0, 0, 0, 0, 0]
    assert list(item.energy[-1, 0, :2]) == [10, 11]
    assert list(item.energy[-1, 0, -10:]) == [80] * 10
    assert np.array_equal(item.audio[:, 0], 100 * item.energy[:, 0])


def test_pytorch_stacks_items(tmp_path):
    with reader_of(tmp_path, [make_clip(32), make_clip(50), make_clip(35)]) as reader:
        items = TrainingItems(reader, PLAIN, random.Random(0))
        (batch,) = DataLoader(items, batch_size=3)
    assert batch.expression.shape == (3, 64, 32)
    assert batch.audio.shape == (3, 29, 80)
    assert batch.style.shape == (3, 135)


def test_clips_outside_of_the_split_are_an_index_error(tmp_path):
    with reader_of(tmp_path, [make_clip(32), make_clip(33)]) as reader:
        items = TrainingItems(reader, PLAIN, random.Random(0))
        assert len(items) == 2
        for index in (-1, 2):
            with pytest.raises(IndexError, match=f"from 0 to 1, got {index}"):
                items[index]


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        (make_clip(31), "clip 0 of train has 31 frames and a window needs 32"),
        ({**make_clip(40), "energy": np.zeros((1, 79))}, "80 audio features and 79 energies"),
    ],
)
def test_clips_that_give_no_window_are_refused(tmp_path, clip, message):
    with reader_of(tmp_path, [clip]) as reader:
        items = TrainingItems(reader, PLAIN, random.Random(0))
        with pytest.raises(ClipFileError, match=message):
            items[0]


def test_a_missing_split_is_named(tmp_path):
    with reader_of(tmp_path, [make_clip(40)]) as reader, pytest.raises(ClipFileError, match="test_coeff_norm"):
        TestItems(reader)


@needs_golden
def test_training_items_are_those_of_the_original():
    with np.load(STYLE / "exp_mean_std.npz") as expression, np.load(STYLE / "pose_mean_std.npz") as pose:
        statistics = StyleStatistics.from_original(expression, pose)
    generator = random.Random()
    with np.load(FOLDER / "ted_dataset.npz") as golden, TedReader(FOLDER) as reader:
        items = TrainingItems(reader, statistics, generator)
        assert len(items) == golden["train_len"]
        for index in range(len(items)):
            generator.seed(int(golden[f"train{index}_seed"]))
            item = items[index]
            for part, name in [("expression", "exp"), ("audio", "audio"), ("energy", "energy")]:
                assert np.array_equal(getattr(item, part), golden[f"train{index}_{name}"])
            np.testing.assert_allclose(item.pose, golden[f"train{index}_pose"], rtol=0, atol=1e-6)
            np.testing.assert_allclose(item.style, golden[f"train{index}_sty"], rtol=1e-5, atol=1e-5)


@needs_golden
def test_test_items_are_those_of_the_original():
    with np.load(FOLDER / "ted_dataset.npz") as golden, TedReader(FOLDER) as reader:
        items = TestItems(reader)
        assert len(items) == golden["test_len"]
        for index in range(len(items)):
            item = items[index]
            for part, name in [("expression", "exp"), ("audio", "audio"), ("energy", "energy")]:
                assert np.array_equal(getattr(item, part), golden[f"test{index}_{name}"])
            np.testing.assert_allclose(item.pose, golden[f"test{index}_pose"], rtol=0, atol=1e-6)
            assert item.frames == golden[f"test{index}_ylen"]
