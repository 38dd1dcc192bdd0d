"""A PKCS #11 token in software (SoftHSM 2), for tests that need a real one."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

LABEL, PIN, SECURITY_OFFICER_PIN = "doorward-test", "47110815", "12345678"
_MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)


@dataclass(frozen=True)
class SoftwareToken:
    module: Path
    label: str = LABEL
    pin: str = PIN


def software_token() -> SoftwareToken:
    """An initialised token, one a test process; skips the test where SoftHSM 2 is not installed."""
    module = next((Path(place) for place in _MODULES if Path(place).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM 2 is not installed (Debian: apt install softhsm2)")
    return _initialised(module)


@cache
def _initialised(module: Path) -> SoftwareToken:
    folder = Path(tempfile.mkdtemp(prefix="doorward-token-"))
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)  # read once, when the module is loaded
    command = ["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--pin", PIN]
    subprocess.run([*command, "--so-pin", SECURITY_OFFICER_PIN], check=True, capture_output=True)
    return SoftwareToken(module)
