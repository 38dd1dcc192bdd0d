"""Moves of people that were not brought to their end, at the site that they left and at the one where they arrived."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from doorward.adapters.moving.frames import unfinished_of
from doorward.people.moving import Move, Stage
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.face.arrivals import Arrivals
from doorward.wiring.face.moves import Moves
from doorward.wiring.face.site import Site

LONGEST_UNANSWERED = timedelta(days=30)


def check_moves(site: Site, now: datetime) -> Iterator[Finding]:
    """Requests that ran out, files that nobody needs any more, moves that wait for the other site."""
    for move in Moves(site).all():
        if move.stage in (Stage.ASKED, Stage.APPROVED) and now >= move.ends_at:
            yield Finding(
                "move-ran-out",
                Severity.NOTE,
                f"The request {move.id} to move {move.people} people ended on {move.ends_at:%Y-%m-%d}.",
                "The ids of those who were to be moved are still listed with it.",
                f"doorward people move cancel {move.id}",
            )
        if move.stage is Stage.WRITTEN and move.written_at and now - move.written_at > LONGEST_UNANSWERED:
            yield Finding(
                "move-unanswered",
                Severity.WARNING,
                f"The move {move.id} of {move.sent} people, written on {move.written_at:%Y-%m-%d}, has no receipt.",
                "They may be in two sites, or in none but this, and nobody can say which.",
                f"Ask “{move.to.name}” for its receipt, or doorward people move cancel {move.id}",
            )
        for file in _needless(move, now):
            yield _left_behind(file)
    for arrival in Arrivals(site).all():
        file = Path(arrival.file)
        if arrival.closed_at is not None and file.is_file():
            yield _left_behind(file)
        if arrival.closed_at is None and now - arrival.began_at > LONGEST_UNANSWERED:
            yield Finding(
                "arrival-unfinished",
                Severity.WARNING,
                f"The import of people from “{arrival.name}”, begun on {arrival.began_at:%Y-%m-%d}, is not at its end.",
                "Who is in already is in two sites, for no receipt was written.",
                f"doorward people import {file}, or erase them here.",
            )


def _needless(move: Move, now: datetime) -> Iterator[Path]:
    """Files of a move that is at its end, or can no longer be written."""
    if move.file is None:
        return
    file = Path(move.file)
    if not move.is_running(now) and file.is_file():
        yield file
    if (not move.is_running(now) or move.stage is Stage.WRITTEN) and unfinished_of(file).is_file():
        yield unfinished_of(file)


def _left_behind(file: Path) -> Finding:
    return Finding(
        "export-left-behind",
        Severity.WARNING,
        f"{file} holds people who were moved, sealed, and is needed no more.",
        "Whoever keeps it, and later gets at the moving key of the site that it was written for, has their faces.",
        "Delete it and its copies.",
    )
