"""The list of the weights that ship."""

from __future__ import annotations

import hashlib
from pathlib import Path

from backend.shipped_models import FOLDER, listing

CARD = """# Small thing

- **What**: nothing.
- **SHA-256**: `{sha256}`
- **Licence**: CC0-1.0, like the data;
  see elsewhere.

## More
"""


def test_everything_that_ships_is_whole_and_says_what_it_is() -> None:
    found = listing()
    assert {path.stem for path in FOLDER.glob("*.safetensors")} == set(found) >= {"motion", "open_head"}
    for name, one in found.items():
        assert one["state"] == "installed" and one["purpose"] and one["licence"], name
        assert hashlib.sha256((FOLDER / f"{name}.safetensors").read_bytes()).hexdigest() == one["sha256"]


def test_what_is_missing_or_another_is_told(tmp_path: Path) -> None:
    for name, weights, recorded in (("whole", b"1", b"1"), ("other", b"1", b"2"), ("gone", None, b"1")):
        sha256 = hashlib.sha256(recorded).hexdigest()
        (tmp_path / f"{name}.md").write_text(CARD.format(sha256=sha256), encoding="utf-8")
        if weights is not None:
            (tmp_path / f"{name}.safetensors").write_bytes(weights)
    (tmp_path / "cardless.safetensors").write_bytes(b"1")
    found = listing(tmp_path)
    states = {name: one["state"] for name, one in found.items()}
    assert states == {"whole": "installed", "other": "damaged", "gone": "missing", "cardless": "damaged"}
    assert (found["whole"]["purpose"], found["whole"]["licence"]) == (
        "Small thing",
        "CC0-1.0, like the data; see elsewhere.",
    )
    assert found["whole"]["bytes"] == 1 and "bytes" not in found["gone"] and "sha256" not in found["other"]
