"""What went wrong, in words for an artist: a message, a next step, and details for the report (no bpy)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Fact = str | float
"""A name or a number that is part of a message."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that went wrong.

    code: a word for programs ("bad_audio"); message and advice: sentences; details: what only the report shows;
    reason: which of the code's errors it is, "" when it does not say; parameters: names and numbers in the message.
    """

    code: str
    message: str
    advice: str = ""
    details: str = ""
    reason: str = ""
    parameters: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def sentence(self) -> str:
        """Message and advice in one line."""
        return f"{self.message} {self.advice}".rstrip()


class ClientError(Exception):
    """The backend said no, or could not be talked to; `trouble` says what happened and what to do."""

    def __init__(
        self,
        code: str,
        message: str,
        advice: str = "",
        details: str = "",
        reason: str = "",
        parameters: Mapping[str, Fact] | None = None,
    ) -> None:
        super().__init__(f"{message} {advice}".rstrip())
        self.trouble = Trouble(code, message, advice, details, reason, MappingProxyType(dict(parameters or {})))

    @property
    def code(self) -> str:
        """A word for programs, such as "bad_audio"."""
        return self.trouble.code

    @property
    def message(self) -> str:
        """What happened, as a sentence."""
        return self.trouble.message

    @property
    def advice(self) -> str:
        """What to do next, as a sentence; may be empty."""
        return self.trouble.advice

    @property
    def details(self) -> str:
        """More for the report; may be empty."""
        return self.trouble.details


class BackendGone(ClientError):
    """Nobody answers: the backend has ended (code "backend_gone") or hangs (code "no_answer")."""


class WrongProtocol(ClientError):
    """The backend speaks another version of the protocol than this add-on."""


class BadAnswer(ClientError):
    """What came is not what was asked for: garbage, cut short, or with another hash."""
