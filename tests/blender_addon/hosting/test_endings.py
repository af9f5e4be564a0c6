import signal

import pytest

from blender_addon.hosting.endings import BY_CODE, BY_SIGNAL, BY_WINDOWS_STATUS, ending


@pytest.mark.parametrize("code", [*BY_CODE, *BY_WINDOWS_STATUS, 3, 77, 255, 0xC0001234, -11, -6, -64, -200, 0])
def test_every_end_has_a_sentence_and_a_next_step(code: int) -> None:
    found = ending(code, "last words")
    assert found.code
    assert found.message.startswith(("The backend", "The environment", "A Python", "A library", "The list"))
    assert found.message.endswith(".")
    assert found.advice.endswith(".")
    assert found.details == "last words"


def test_the_contracts_codes_are_all_known() -> None:
    assert {2, 10, 11, 12, 13, 14, 130} <= set(BY_CODE)
    assert len({advice for _, _, advice in BY_CODE.values()}) > 5


def test_signals_are_named() -> None:
    assert all(name in signal.Signals.__members__ for name in BY_SIGNAL if hasattr(signal, name))
    assert "memory" in ending(-9).message
    assert "SIGSEGV" in ending(-11).message
    assert "200" in ending(-200).message
    assert "0xC0001234" in ending(0xC0001234).message
