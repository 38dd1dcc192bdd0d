"""What the demonstration claims, and whether it held."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """``claim`` in a sentence, whether it held this time, and what was seen."""

    claim: str
    ok: bool
    detail: str

    def to_json(self) -> dict[str, object]:
        return {"claim": self.claim, "ok": self.ok, "detail": self.detail}
