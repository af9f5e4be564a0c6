import pytest

from backend.alignment.stress import FUNCTION_WORDS, primary


@pytest.mark.parametrize(
    ("phones", "stressed"),
    [
        ("W AO T ER", 1),
        ("IH N F AH K T", 0),
        ("EH D Y AH K EY SH AH N", 5),
        ("F AE N T AE S T IH K", 4),
        ("AH B AW T", 2),
        ("R IH P L AY", 4),
        ("P R IH N T IH NG", 2),
        ("K AE T", 1),
        ("S T", None),
    ],
)
def test_the_stressed_vowel(phones: str, stressed: int | None) -> None:
    assert primary(phones.split()) == stressed


def test_function_words_are_lower_case() -> None:
    assert {"the", "of", "you"} <= FUNCTION_WORDS and all(word == word.lower() for word in FUNCTION_WORDS)
