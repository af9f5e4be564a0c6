import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.alignment.transcript import spoken_words


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Hello, World!", "hello world"),
        ("Mr. O’Neil's well-known café", "mister o'neil's well known cafe"),
        ("In 1984 it cost $3.50", "in nineteen eighty four it cost three dollars fifty"),
        ("1,500 men, 21st, 5%, 3.14", "one thousand five hundred men twenty first five percent three point one four"),
        ("the 1920s", "the nineteen twenties"),
        ("No. 5? No.", "number five no"),
        ("the U.S.A. — e.g. 007", "the u s a for example zero zero seven"),
        ("$1 & €2", "one dollar and two euros"),
        ("16kHz", "sixteen khz"),
        ("“… (!)” — ", ""),
        ("привет", ""),
    ],
)
def test_text_becomes_what_is_said(written: str, spoken: str) -> None:
    assert spoken_words(written) == spoken.split()


@given(st.text())
def test_any_text_gives_plain_words(text: str) -> None:
    for word in spoken_words(text):
        assert word and set(word) <= set("abcdefghijklmnopqrstuvwxyz'") and word[0] != "'" != word[-1]
