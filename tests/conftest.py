"""What the tests share."""

from pathlib import Path

import pytest

TUTORIAL_NAMES = Path(__file__).parents[2] / "shared" / "data" / "tutorial-names"


@pytest.fixture(scope="session")
def tutorial_names() -> Path:
    """The lesson's own 18 files, where they lie beside the checkout."""
    if not TUTORIAL_NAMES.is_dir():
        pytest.skip("the lesson's files are not beside this checkout (../shared/data/tutorial-names)")
    return TUTORIAL_NAMES
