"""Test data that does not belong to the project and lies beside it, or where ``DOORWARD_TEST_DATA`` says.

Of the largest sets the suite looks at a fixed part, unless ``DOORWARD_TEST_WHOLE=1`` asks for all of them.
"""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
WHOLE = os.environ.get("DOORWARD_TEST_WHOLE") == "1"


def data_folder() -> Path:
    return Path(os.environ.get("DOORWARD_TEST_DATA") or REPOSITORY.parent / "shared" / "data")


def shared(*parts: str) -> Path:
    """A file or folder of the test data; the test is skipped where it is missing."""
    return present(data_folder().joinpath(*parts))


def shared_models(name: str) -> Path:
    """A model file beside the test data; the test is skipped where it is missing."""
    return present(data_folder().parent / "models" / name)


def present(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"test data is missing: {path} (set DOORWARD_TEST_DATA to the data folder)")
    return path
