"""`python -m backend.training.live_maps`: derive the live maps from the open head and write them."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save as save_tensors

from backend.training.live_maps.build import Maker
from models.face import open_head
from models.texture.live_maps import FORMAT, VERSION, WEIGHTS, LiveMaps
from models.texture.storage import packed
from models.whole_file import whole_file


def write(maps: LiveMaps, path: Path) -> str:
    """Write `maps` to `path` whole or not at all; returns the file's SHA-256. Equal maps give equal bytes."""
    tensors = {name: np.ascontiguousarray(getattr(maps, name)) for name in ("windows", "weights", "bias")}
    tensors |= {f"map.{k:03d}": packed(image) for k, image in enumerate(maps.images)}
    facts = {"format": FORMAT, "format_version": VERSION, "names": list(maps.names), "uv_sha256": maps.uv_sha256}
    data = save_tensors(tensors, {"facts": json.dumps(facts, sort_keys=True)})
    with whole_file(path) as partial:
        partial.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def main() -> None:
    """Read the options, derive and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    digest = write(Maker(open_head.load()).maps(), options.out)
    print(f"{options.out}: {options.out.stat().st_size} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main()
