import pytest

from models.motion.motion import MotionError
from models.motion.style_choice import builtin, chosen_style, given_style, listing, mix
from models.motion.style_file import save, to_json
from models.motion.styles import STYLES


def test_a_name_is_a_preset():
    assert chosen_style("over-articulated").style == STYLES["over-articulated"]
    assert given_style("calm").source == {"kind": "preset"}


@pytest.mark.parametrize(
    ("text", "share"), [("calm+cheerful", 0.5), ("calm:0.7+cheerful:0.3", 0.3), ("calm:3 + cheerful:1", 0.25)]
)
def test_a_mix_is_written_with_plus_and_shares(text, share):
    mixed = chosen_style(text).style
    assert mixed.jaw == pytest.approx((1 - share) * STYLES["calm"].jaw + share * STYLES["cheerful"].jaw)
    assert mixed.mood["mouthSmileLeft"] == pytest.approx((1 - share) * 0.06 + share * 0.48)
    assert mixed.name == "calm+cheerful"


def test_three_styles_mix_by_their_shares_in_any_order():
    there, back = chosen_style("calm:1+sad:2+stern:3").style, chosen_style("stern:3+sad:2+calm:1").style
    expected = (STYLES["calm"].posture[0] + 2 * STYLES["sad"].posture[0] + 3 * STYLES["stern"].posture[0]) / 6
    assert there.posture[0] == pytest.approx(expected) == pytest.approx(back.posture[0])
    assert there.mood == pytest.approx(back.mood)


@pytest.mark.parametrize("name", ["me.json", "a+b.npz", "c:0.5+d.json"])
def test_a_file_is_a_style_whatever_it_is_called(tmp_path, name):
    save(builtin("tired"), tmp_path / name)
    assert chosen_style(str(tmp_path / name)).style == STYLES["tired"]


def test_a_file_and_a_preset_mix(tmp_path):
    save(builtin("tired"), tmp_path / "me.npz")
    assert chosen_style(f"{tmp_path}/me.npz:0.25+calm:0.75").style.jaw == pytest.approx(0.25 * 0.75 + 0.75 * 0.78)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("swagger", "swagger"),
        ("", "no style"),
        ("calm+", "no style"),
        ("calm:0.5+sad", "for every style"),
        ("calm:-1+sad:2", "shares of 0 or more"),
        ("calm:0+sad:0", "not all 0"),
        ("calm:nan+sad:1", "shares of 0 or more"),
        ("missing.npz", "cannot be read"),
        ("calm:a+sad:b", "no style 'calm:a'"),
    ],
)
def test_what_names_no_style_is_one_error(text, said):
    with pytest.raises(MotionError, match=said):
        chosen_style(text)


def test_a_request_never_opens_a_file(tmp_path):
    save(builtin("calm"), tmp_path / "me.json")
    with pytest.raises(MotionError, match="no style"):
        given_style(str(tmp_path / "me.json"))
    assert given_style(to_json(builtin("calm"))).style == STYLES["calm"]


def test_counts_of_styles_and_shares_must_agree():
    with pytest.raises(MotionError, match="one share for each"):
        mix([builtin("calm")], [1.0, 2.0])


def test_the_listing_names_every_preset():
    assert {entry["name"] for entry in listing()} == set(STYLES)
