"""A finding: what is wrong, why it matters, and how it is mended."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """``CRITICAL`` keeps a server from starting; ``NOTE`` is only said."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """``id`` names the kind of finding and stays the same from version to version. Nothing in it is secret."""

    id: str
    severity: Severity
    what: str
    why: str
    mend: str


def critical(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those of ``findings`` that keep a server from starting."""
    return tuple(finding for finding in findings if finding.severity is Severity.CRITICAL)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    order = list(Severity)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.severity)))
