"""Errors that people are told of in their own language: English words, and what other words can be made from."""

from __future__ import annotations

Fact = str | int | float


class ToldError(ValueError):
    """What is wrong and, behind a semicolon, what to do.

    reason: a stable word for programs; facts: the names and numbers in the text. docs/api.md lists both.
    """

    def __init__(self, message: str, reason: str = "", **facts: Fact) -> None:
        super().__init__(message)
        self.reason, self.facts = reason, facts
