"""The audit log as JSON: octets in Base64, as in the checkpoints themselves."""

from base64 import b64encode

from doorward.kernel.audit import EntryProof, LoggedEntry, LogReport


def entry_json(logged: LoggedEntry) -> dict[str, object]:
    entry = logged.entry
    return {
        "entry": logged.number,
        "at": entry.at.isoformat(),
        "actor": entry.actor.name,
        "action": entry.action,
        "purpose": entry.actor.purpose,
        "person": entry.about,
        "concerns_somebody": logged.concerns_somebody,
    }


def report_json(report: LogReport) -> dict[str, object]:
    return {
        "ok": report.ok,
        "entries": report.entries,
        "root": _octets(report.root),
        "checkpoints": report.checkpoints,
        "problems": list(report.problems),
    }


def proof_json(proof: EntryProof) -> dict[str, object]:
    return {
        "entry": proof.number,
        "index": proof.number - 1,
        "leaf": _octets(proof.leaf),
        "salt": _octets(proof.salt),
        "event": proof.event.decode(),
        "size": proof.size,
        "inclusion": [_octets(node) for node in proof.inclusion],
        "checkpoint": proof.checkpoint,
        "earlier_checkpoint": proof.earlier,
        "consistency": [_octets(node) for node in proof.consistency],
        "key": proof.key,
        "handovers": list(proof.handovers),
    }


def _octets(octets: bytes) -> str:
    return b64encode(octets).decode()
