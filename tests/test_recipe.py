"""The seeded weights are the ones the goldens were made with."""

import hashlib
import json

import numpy as np

from tests.golden import GOLDEN, needs
from tests.recipe import tf_weights, torch_weights

CHECK = GOLDEN / "recipe_check.json"


def test_a_tensor_depends_on_its_own_name_only():
    alone = torch_weights({"a.weight": (4, 3)}, 7)
    together = torch_weights({"b.weight": (2,), "a.weight": (4, 3)}, 7)
    assert np.array_equal(alone["a.weight"], together["a.weight"])
    assert not np.array_equal(alone["a.weight"], torch_weights({"a.weight": (4, 3)}, 8)["a.weight"])


@needs(CHECK)
def test_check_sums():
    checks = json.loads(CHECK.read_text())
    for name, check in checks.items():
        shapes = {other: row["shape"] for other, row in checks.items() if row["kind"] == check["kind"]}
        draw = torch_weights if check["kind"] == "torch" else tf_weights
        made = draw({name: check["shape"]} | _norm_mark(name, shapes), check["seed"])[name]
        assert np.array_equal(made.ravel()[:4], np.array(check["first4"], made.dtype)), name
        assert hashlib.sha256(made.tobytes()).hexdigest() == check["sha256"], name


def _norm_mark(name, shapes):
    """The running variance beside `name`, by which a normalisation layer is recognised."""
    mark = name.rsplit(".", 1)[0] + ".running_var"
    return {mark: shapes[mark]} if mark in shapes else {}
