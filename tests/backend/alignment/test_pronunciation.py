import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.alignment.pronunciation import pronounce
from models.speech.phones import to_classes

DICTIONARY = {
    "cat": "K AE T",
    "make": "M EY K",
    "run": "R AH N",
    "happy": "HH AE P IY",
    "house": "HH AW S",
    "boat": "B OW T",
    "dog": "D AO G",
    "want": "W AA N T",
}


def lookup(word: str) -> list[str] | None:
    return DICTIONARY[word].split() if word in DICTIONARY else None


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("cat", "K AE T"),
        ("cat's", "K AE T S"),
        ("dogs", "D AO G Z"),
        ("houses", "HH AW S IH Z"),
        ("wanted", "W AA N T IH D"),
        ("baked", "B AE K T"),
        ("making", "M EY K IH NG"),
        ("running", "R AH N IH NG"),
        ("happiness", "HH AE P IY N AH S"),
        ("unhappy", "AH N HH AE P IY"),
        ("houseboat", "HH AW S B OW T"),
        ("mss", "EH M EH S EH S"),
        ("shipton", "SH IH P T AA N"),
        ("phone", "F OW N"),
    ],
)
def test_unknown_words_are_built_from_parts_or_letters(word: str, phones: str) -> None:
    known = {**DICTIONARY, "bake": "B AE K"}
    assert pronounce(word, lambda text: known[text].split() if text in known else None) == phones.split()


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz'", min_size=1, max_size=20))
def test_every_word_sounds_like_something(word: str) -> None:
    phones = pronounce(word, lookup)
    assert phones or not word.strip("'")
    for phone in phones:
        to_classes(phone, 0.0, 1.0)  # raises for what is not ARPAbet
