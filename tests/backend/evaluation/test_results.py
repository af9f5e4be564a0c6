import math

import numpy as np
import pytest

from backend.evaluation.motion_model import load_model
from backend.evaluation.results import Result, interval, mean_with_interval, table
from models.motion.motion import MotionError

ROWS = [
    Result("s", "d", "ours", "r", 0.8123, (0.7, 0.9)),
    Result("s", "d", "ours", "lag ms", -12.4),
    Result("s", "d", "theirs", "r", math.nan),
    Result("s", "d", "others", "lag ms", 104.0),
]


def test_a_table_has_a_row_for_each_system_with_something_to_show():
    assert table(ROWS).splitlines() == [
        "| data | system | r | lag ms |",
        "|---|---|---|---|",
        "| d | ours | 0.81 (0.70 to 0.90) | -12 |",
        "| d | others | – | 104 |",
    ]


def test_intervals_cover_the_middle_and_leave_the_unknown_out():
    assert interval(np.array([*range(101), np.nan], dtype=float)) == pytest.approx((2.5, 97.5))
    assert np.isnan(interval(np.array([np.nan]))).all()
    mean, (low, high) = mean_with_interval([1.0, 2.0, 3.0, math.nan])
    assert mean == 2 and 1 <= low < 2 < high <= 3


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("nothing", "package.module:factory"),
        ("backend.no_such:Model", "no motion model"),
        ("backend.synthesis:NoSuch", "no motion model"),
        ("builtins:dict", "without name"),
    ],
)
def test_what_is_no_motion_model_is_refused(reference, message):
    with pytest.raises(MotionError, match=message):
        load_model(reference)


def test_a_model_is_loaded_by_name():
    assert load_model("tests.backend.evaluation.spoken_stage:Parrot").name == "articulator"
