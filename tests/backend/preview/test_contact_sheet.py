import numpy as np
import pytest

from backend.preview.contact_sheet import GAP, LABEL, PAPER, contact_sheet


def frames(count, labels=None):
    colours = np.random.default_rng(0).integers(60, 255, (count, 3), dtype=np.uint8)
    labels = labels or [f"word {i}" for i in range(count)]
    return [(np.full((50, 50, 3), colour, np.uint8), label) for colour, label in zip(colours, labels, strict=True)]


def test_twelve_frames_in_three_rows_of_four():
    given = frames(12)
    sheet = contact_sheet(given, tile=100)
    assert sheet.shape == (GAP + 3 * (100 + LABEL + GAP), GAP + 4 * (100 + GAP), 3)
    for index, (frame, _) in enumerate(given):
        row = GAP + index // 4 * (100 + LABEL + GAP) + 50
        column = GAP + index % 4 * (100 + GAP) + 50
        assert np.array_equal(sheet[row, column], frame[0, 0])


def label_strip(label, tile=100):
    return contact_sheet(frames(1, [label]), tile=tile)[GAP + tile : GAP + tile + LABEL]


def test_labels_are_written_and_stay_inside():
    assert np.all(label_strip("") == PAPER)
    for label in ("AA", "0.52 s  AE  that", "a label that is far too long for the tile it belongs to"):
        strip = label_strip(label)
        written = np.any(strip != PAPER, axis=2)
        assert written.sum() > 20
        assert not written[:, : GAP - 2].any() and not written[:, -GAP + 2 :].any()
    assert not np.array_equal(label_strip("AA"), label_strip("OW"))


def test_fewer_frames_than_columns():
    assert contact_sheet(frames(2), tile=100).shape[1] == GAP + 2 * (100 + GAP)


def test_no_frames():
    with pytest.raises(ValueError, match="at least one"):
        contact_sheet([])
