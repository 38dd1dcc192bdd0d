"""What is known of a model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file inside an installed Python package, which is never imported for it."""

    package: str
    path: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model file, pinned by its SHA-256 (hex).

    ``source`` says in words where it is published; ``url`` is what ``doorward models pull`` fetches, or None
    where nobody but the package publishes this exact file. ``size``: bytes. ``input`` and ``output``: tensors
    in words.
    """

    name: str
    task: str
    maker: str
    licence: str
    source: str
    url: str | None
    file: str
    size: int
    sha256: str
    input: str
    output: str
    citation: str
    packaged: PackagedFile | None = None
