"""The list of models: how often its command runs, and what becomes of one that fails or hangs."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from backend.server.errors import ApiError
from backend.server.models_listing import ModelsListing

NOTE = "import os, sys; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); "
LISTS = NOTE + "print('{\"models\": []}')"


def command(program: str, notes: Path) -> list[str]:
    return [sys.executable, "-c", program, str(notes)]


def runs(notes: Path) -> list[int]:
    return [int(line) for line in notes.read_text().split()]


def test_many_who_ask_at_once_and_soon_after_share_one_run(tmp_path: Path) -> None:
    async def ask() -> None:
        listing = ModelsListing(command(LISTS, tmp_path / "notes"))
        assert await asyncio.gather(*(listing.get() for _ in range(8))) == [{"models": []}] * 8
        assert await listing.get() == {"models": []}

    asyncio.run(ask())
    assert len(runs(tmp_path / "notes")) == 1


def test_an_old_list_is_made_anew(tmp_path: Path) -> None:
    async def ask() -> None:
        listing = ModelsListing(command(LISTS, tmp_path / "notes"), fresh=0.0)
        await listing.get()
        await listing.get()

    asyncio.run(ask())
    assert len(runs(tmp_path / "notes")) == 2


def test_who_hangs_up_does_not_end_it_for_the_others(tmp_path: Path) -> None:
    async def ask() -> None:
        listing = ModelsListing(command(LISTS, tmp_path / "notes"))
        first, second = asyncio.create_task(listing.get()), asyncio.create_task(listing.get())
        await asyncio.sleep(0)
        first.cancel()
        assert await second == {"models": []}

    asyncio.run(ask())
    assert len(runs(tmp_path / "notes")) == 1


@pytest.mark.parametrize("ending", ["sys.exit('no torch')", "print('no torch', file=sys.stderr); print('[')"])
def test_a_failure_is_told_and_not_kept(tmp_path: Path, ending: str) -> None:
    async def ask() -> None:
        listing = ModelsListing(command(NOTE + ending, tmp_path / "notes"))
        for _ in range(2):
            with pytest.raises(ApiError, match="cannot be listed") as refused:
                await listing.get()
            assert "no torch" in (refused.value.problem.details or "")

    asyncio.run(ask())
    assert len(runs(tmp_path / "notes")) == 2


def test_a_command_that_hangs_is_ended(tmp_path: Path) -> None:
    async def ask() -> None:
        listing = ModelsListing(command(NOTE + "import time; time.sleep(600)", tmp_path / "notes"), longest=2.0)
        with pytest.raises(ApiError, match="cannot be listed") as refused:
            await listing.get()
        assert "within 2 seconds" in (refused.value.problem.details or "")

    asyncio.run(ask())
    if os.name == "posix":
        for pid in runs(tmp_path / "notes"):
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
