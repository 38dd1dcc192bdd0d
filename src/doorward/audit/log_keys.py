"""The outsider's side of a renewed key: each key of a log names the next one, in a checkpoint that both sign.

As ``verifier``, whose checks it puts together, it shares no code with the writer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from doorward.audit.verifier import Checkpoint, check_checkpoint, check_note
from doorward.errors import AuditInvalid

_NEXT_KEY = "doorward.site/next-key "
"""Begins the extension line (C2SP tlog-checkpoint) that names the next verifier key."""


@dataclass(frozen=True, slots=True)
class KeySpan:
    """``key``: a verifier key. It signed checkpoints over up to ``until`` entries; ``None``: it signs today."""

    key: str
    until: int | None


def follow_keys(trusted: str, handovers: Sequence[str]) -> tuple[KeySpan, ...]:
    """The log's keys from ``trusted`` to the newest. ``handovers``: the notes that name a next key, oldest first.

    Notes from before ``trusted`` are passed over. ``AuditInvalid`` when one does not follow from the one before.
    """
    spans: list[KeySpan] = []
    key = trusted
    for note in handovers:
        try:
            head = check_checkpoint(note, key)
        except AuditInvalid:
            if spans:
                raise
            continue
        following = _next_key(check_note(note, key))
        if following == key and not spans:  # the note that handed the log to the trusted key
            continue
        check_checkpoint(note, following)
        if spans and head.size <= (spans[-1].until or 0):
            raise AuditInvalid("The checkpoints that name a next key are not in order.")
        spans.append(KeySpan(key, head.size))
        key = following
    return (*spans, KeySpan(key, None))


def check_under(note: str, spans: Sequence[KeySpan]) -> Checkpoint:
    """The tree head in a checkpoint; ``AuditInvalid`` unless the key of its size signed it.

    Where one key hands over to the next, both must have. ``spans`` are from the oldest key to the newest.
    """
    refusal = AuditInvalid("The checkpoint is not signed by this log's key.")
    begin = -1
    for place, span in enumerate(spans):
        try:
            head = check_checkpoint(note, span.key)
        except AuditInvalid as found:
            refusal, begin = found, begin if span.until is None else span.until
            continue
        if head.size <= begin or (span.until is not None and head.size > span.until):
            raise AuditInvalid("The checkpoint is signed by a key that was not the log's at that size.")
        if head.size == span.until:
            check_checkpoint(note, spans[place + 1].key)
        return head
    raise refusal


def _next_key(text: str) -> str:
    named = [line.removeprefix(_NEXT_KEY) for line in text.split("\n")[3:] if line.startswith(_NEXT_KEY)]
    if len(named) != 1:
        raise AuditInvalid("The checkpoint does not name a next key.")
    return named[0]
