"""Where outputs of the original code lie: `STYLE_AVATAR_GOLDEN`, or `shared/golden` beside the project."""

import os
from pathlib import Path

GOLDEN = Path(os.environ.get("STYLE_AVATAR_GOLDEN", Path(__file__).parents[2] / "shared" / "golden"))
