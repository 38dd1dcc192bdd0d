"""Drives one target with a coverage-guided fuzzer: ``pip install atheris``, then from the repository's folder

    PYTHONPATH=src:tests python tests/fuzz/with_atheris.py receipt -max_total_time=600

The options are libFuzzer's. It stops at the first input that raises anything but an error of Doorward's own.
"""

import importlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


def main(name: str, options: list[str]) -> None:
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["doorward"]):
        target: Any = importlib.import_module(f"fuzz.{name}")
    with TemporaryDirectory() as seeds:
        for number, seed in enumerate(target.SEEDS):
            (Path(seeds) / str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], *options, seeds], target.fuzz)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
