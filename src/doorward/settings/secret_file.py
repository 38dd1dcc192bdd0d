"""Secrets in files of their own, which nobody but their owner may read."""

from pathlib import Path

from doorward.errors import WrongUse

LARGEST = 1000
"""Bytes; a larger file is another than was meant."""


def read_secret(path: Path) -> str:
    """The first line of the file at ``path``; ``WrongUse`` when others may read it, or it holds no secret."""
    try:
        told = path.stat()
        if told.st_mode & 0o077:
            raise WrongUse(f"Others may read {path}; run chmod 600 on it, and change the secret if they did.")
        if told.st_size > LARGEST:
            raise WrongUse(f"{path} is too large for a secret; name the file that holds it.")
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise WrongUse(f"{path} cannot be read; write the secret there, as its first line.") from None
    if not lines or not lines[0].strip():
        raise WrongUse(f"{path} is empty; write the secret there, as its first line.")
    return lines[0].strip()
