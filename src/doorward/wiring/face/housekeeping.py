"""What has to be done while a server runs: passages dropped in time, copies of the keys made and removed in time."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from doorward.errors import DoorwardError, StorageError
from doorward.kernel.audit import Actor
from doorward.wiring.face.backup import back_up_keys, ledger_copies
from doorward.wiring.face.key_copies import key_backups, newest_copy, remove_expired
from doorward.wiring.face.site import Site

ROUND = timedelta(minutes=10)
"""How often ``keep_house`` is called while a server runs."""

COPY_KEYS_AFTER = timedelta(hours=24)
"""The age of the newest copy of the keys at which the next is made: at most a day's people are lost with keys.db."""

KEEPER = Actor("doorward", "housekeeping")
"""Who stands in the log for what nobody asked for."""


@dataclass(frozen=True, slots=True)
class Undone:
    """A job that failed, and the code of its error: nothing else, so that a log of it knows nobody."""

    job: str
    code: str


def keep_house(site: Site, alone: AbstractContextManager[object]) -> tuple[Undone, ...]:
    """Do what is due now, each job for itself, and say which failed; they are tried again in the next round.

    Of the processes that serve a site one at a time keeps house; who finds another at it leaves it to them. The keys'
    copies are seen to where the keys lie. ``alone`` is entered for what may not go on beside the site's other work.
    """

    def keep_holds() -> None:
        with alone:
            site.legal_holds.keep()

    def drop_passages() -> None:
        with alone:
            site.doorkeeper.forget_old()

    undone = _done({"drop ended challenges": site.attack_guard.book.forget})
    undone += _in_turn(
        site,
        "housekeeping",
        {
            "end legal holds, and hold what came late": keep_holds,
            "drop old passages": drop_passages,
            "drop ended credentials that expired": site.credentials.forget_expired,
            "drop ended invitations": site.devices.forget_ended,
        },
    )
    if site.stores.keys_here is None:
        return undone
    return undone + _in_turn(
        site,
        "key copies",
        {
            "back up the keys": lambda: _copy_keys(site),
            # Ahead of the next round, so that none outlives the deadline on a receipt.
            "remove old copies of the keys": lambda: remove_expired(site, within=2 * ROUND),
            # Where somebody was erased on another machine, which has no copies beside it.
            "write down erasures": ledger_copies(site).write,
        },
    )


def _in_turn(site: Site, turn: str, jobs: Mapping[str, Callable[[], object]]) -> tuple[Undone, ...]:
    try:
        with site.turns.if_free(turn) as is_free:
            return _done(jobs) if is_free else ()
    except StorageError as error:
        return (Undone(turn, error.code),)


def _done(jobs: Mapping[str, Callable[[], object]]) -> tuple[Undone, ...]:
    return tuple(undone for name, job in jobs.items() if (undone := _failure(name, job)) is not None)


def _failure(name: str, job: Callable[[], object]) -> Undone | None:
    try:
        job()
    except DoorwardError as error:
        return Undone(name, error.code)
    except OSError:
        return Undone(name, StorageError.code)
    return None


def _copy_keys(site: Site) -> None:
    """A copy that is kept for a day is followed before it goes, so that there is always one."""
    policy, newest = key_backups(site), newest_copy(site)
    if policy is None:
        return
    after = min(COPY_KEYS_AFTER, timedelta(days=policy.days) - 3 * ROUND)
    if newest is None or site.stores.vault.clock.now() - newest > after:
        back_up_keys(site, actor=KEEPER)
