"""Where outputs of the original code lie: `STYLE_AVATAR_GOLDEN`, or `shared/golden` beside the project."""

import os
from pathlib import Path

import pytest

GOLDEN = Path(os.environ.get("STYLE_AVATAR_GOLDEN", Path(__file__).parents[2] / "shared" / "golden"))


def needs(*paths: Path) -> pytest.MarkDecorator:
    """Skip a test where one of these files or folders is not here."""
    missing = [f"{path.parent.name}/{path.name}" for path in paths if not path.exists()]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} is not here")
