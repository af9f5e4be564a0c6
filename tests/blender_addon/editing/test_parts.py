"""Sentences, words and pauses in frames, from a take's timeline."""

from typing import Any

from blender_addon.editing.parts import Part, parts

PHONES = [["SIL", 0, 0.4], ["HH", 0.4, 0.5], ["AO", 0.5, 1.0], ["SIL", 1.0, 1.4], ["W", 1.4, 1.6], ["N", 1.6, 2.0]]
PHONES += [["SIL", 2.0, 2.1], ["T", 2.1, 2.4], ["SIL", 2.4, 3.0]]
WORDS = [["hello", 0.4, 1.0], ["one", 1.4, 2.0], ["two", 2.1, 2.4]]
TIMELINE: dict[str, Any] = {"phones": PHONES, "words": WORDS}


def test_sentences_are_those_of_the_transcript() -> None:
    assert parts(TIMELINE, "Hello one! Two?", "SENTENCES", 1, 25) == [Part("Hello one!", 11, 50), Part("Two?", 53, 60)]


def test_without_a_fitting_transcript_pauses_part_them() -> None:
    expected = [Part("hello", 11, 25), Part("one two", 36, 60)]
    assert parts(TIMELINE, "", "SENTENCES", 1, 25) == expected
    assert parts(TIMELINE, "It is 12 o'clock now.", "SENTENCES", 1, 25) == expected


def test_without_words_phones_are_shown() -> None:
    heard = {"phones": PHONES, "words": []}
    assert [one.text for one in parts(heard, "", "SENTENCES", 1, 25)] == ["HH AO", "W N T"]
    assert [one.text for one in parts(heard, "", "WORDS", 1, 25)] == ["HH", "AO", "W", "N", "T"]


def test_pauses_have_frames_at_the_rate_of_the_scene() -> None:
    assert parts(TIMELINE, "", "PAUSES", 101, 30) == [Part("", 101, 112), Part("", 131, 142), Part("", 173, 190)]


def test_a_damaged_timeline_has_no_parts() -> None:
    nonsense = [["SIL", "a", None], [1]]
    damaged: list[dict[str, Any]] = [{}, {"phones": 3}, {"phones": nonsense}, {"words": {}, "phones": []}]
    for timeline in damaged:
        assert parts(timeline, "hello", "SENTENCES", 1, 25) == []
