import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.motion import style_file
from models.motion.style_choice import builtin, mix
from models.motion.style_document import MOOD_UNITS, Measure, StyleDocument, StyleFileError, checked
from models.motion.style_file import from_json, load, save, to_json
from models.motion.styles import STYLES
from tests.face_models import EXPRESSIONS


def raw_measure() -> Measure:
    generator = np.random.default_rng(0)
    code, expression = generator.random(135, dtype=np.float32), generator.random(64, dtype=np.float32)
    return Measure(code, expression, generator.random(3, dtype=np.float32), "open_head")


def measured() -> StyleDocument:
    source = {"kind": "video", "name": "clip.mp4", "sha256": "0" * 64, "seconds": 12.5}
    return StyleDocument(replace(STYLES["shy"], name="me"), {"jaw": 0.9, "mood": 0.5}, raw_measure(), source)


@pytest.mark.parametrize("name", STYLES)
def test_every_preset_survives_json(name):
    written = json.loads(json.dumps(to_json(builtin(name))))
    assert from_json(written).style == checked(STYLES[name])


@pytest.mark.parametrize("ending", [".json", ".npz"])
def test_a_file_gives_back_what_was_saved(tmp_path, ending):
    path = tmp_path / f"me{ending}"
    save(measured(), path)
    first = path.read_bytes()
    read = load(path)
    assert to_json(read) == to_json(measured())
    save(read, path)
    assert path.read_bytes() == first and list(tmp_path.iterdir()) == [path]


def test_an_npz_holds_its_rows_as_plain_arrays(tmp_path):
    save(measured(), tmp_path / "me.npz")
    with np.load(tmp_path / "me.npz", allow_pickle=False) as arrays:
        assert np.array_equal(arrays["code"], raw_measure().code)
        assert arrays["mean_expression"].shape == (64,)


def test_parameters_that_are_not_named_are_neutral():
    sparse = {"format": style_file.FORMAT, "format_version": 1, "name": "quiet jaw", "parameters": {"jaw": 0.5}}
    style = from_json(sparse).style
    assert style.jaw == 0.5 and replace(style, jaw=1.0, name="neutral", description="") == replace(
        STYLES["neutral"], description=""
    )


def changed(**fields):
    return {**to_json(measured()), **fields}


def with_parameters(**parameters):
    return changed(parameters={**to_json(measured())["parameters"], **parameters})


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, "object"),
        ([], "object"),
        (changed(format="take"), "not a style"),
        (changed(format_version=2), "update"),
        (changed(colour="red"), "colour"),
        (changed(name=""), "name"),
        (changed(name=3), "name"),
        (changed(name="x" * 81), "name"),
        (changed(description=None), "description"),
        (changed(source={"seconds": float("nan")}), "finite"),
        (changed(source={"notes": "x" * 20000}), "longer"),
        (changed(confidence={"jaw": 2.0}), "confidence jaw"),
        (changed(confidence={"ears": 1.0}), "ears"),
        (changed(measure={"code": []}), "measure"),
        (changed(measure={**to_json(measured())["measure"], "normalised": True}), "raw"),
        (changed(measure={**to_json(measured())["measure"], "code": [1.0] * 134}), "135"),
        (changed(measure={**to_json(measured())["measure"], "code": [-1.0] * 135}), "below 0"),
        (with_parameters(jaw=float("nan")), "jaw"),
        (with_parameters(jaw=-0.1), "jaw"),
        (with_parameters(jaw=True), "jaw"),
        (with_parameters(jaw="1"), "jaw"),
        (with_parameters(ears=1.0), "ears"),
        (with_parameters(posture=[0.0, 0.0]), "posture"),
        (with_parameters(posture=[0.0, 0.0, 99.0]), "posture"),
        (with_parameters(mood={"jawOpen": 0.5}), "jawOpen"),
        (with_parameters(mood={"mouthSmileLeft": 1.5}), "mouthSmileLeft"),
        (with_parameters(blinks_per_minute=1000), "blinks_per_minute"),
    ],
)
def test_what_is_not_a_style_is_refused_with_one_reason(document, said):
    with pytest.raises(StyleFileError, match=said):
        from_json(document)


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("meta.npy", bytes(5_000_000))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b""),
        ("a.json", b"[" * 100_000),
        ("a.json", b"\xff\xfe"),
        ("a.json", b" " * 1_000_001),
        ("a.npz", b"PK"),
        ("a.npz", npz(coefficients=np.zeros(3))),
        ("a.npz", npz(meta=np.array([{}], dtype=object))),
        ("a.npz", npz(meta=np.array("{}"), code=np.zeros(135))),
        ("a.npz", bomb()),
    ],
)
def test_a_damaged_file_is_one_error(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StyleFileError, match=r"a\.(json|npz)"):
        load(tmp_path / name)


def test_a_missing_file_and_another_ending_are_errors(tmp_path):
    with pytest.raises(StyleFileError, match="cannot be read"):
        load(tmp_path / "none.json")
    with pytest.raises(StyleFileError, match=r"\.npz or \.json"):
        save(measured(), tmp_path / "me.txt")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["format", "name", "parameters", "measure", "jaw", "mood"]), inner)
        ),
        max_leaves=8,
    )
)
def test_any_json_is_a_style_or_one_error(anything):
    for fields in (anything, {"format": style_file.FORMAT, "format_version": 1, "name": "x", "parameters": anything}):
        try:
            checked(from_json(fields).style)
        except StyleFileError as error:
            assert str(error)


def test_mood_units_are_units_of_the_face():
    assert set(EXPRESSIONS) >= MOOD_UNITS
    assert all(set(style.mood) <= MOOD_UNITS for style in STYLES.values())


def test_a_mix_of_measured_styles_mixes_their_measures():
    one, other = measured(), measured()
    half = mix([one, other], [1, 1])
    assert half.measure is not None and np.allclose(half.measure.code, raw_measure().code)
    assert mix([one, builtin("calm")], [1, 1]).measure is None
