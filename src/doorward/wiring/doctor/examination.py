"""The examinations: of a site's files, of an open site, of what a server is about to serve."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path

from doorward.errors import CriticalFindings, SourceError, Tampered
from doorward.settings.site import read_site_settings
from doorward.wiring.doctor.continuity import check_drill, check_key_copies, check_ledger, check_wraps
from doorward.wiring.doctor.databases import check_databases, check_overdue
from doorward.wiring.doctor.dependencies import advisories_unasked, check_advisories
from doorward.wiring.doctor.devices import check_devices
from doorward.wiring.doctor.files import check_key_place, check_modes, check_passphrase_cost
from doorward.wiring.doctor.finding import Finding, Severity, critical, worst_first
from doorward.wiring.doctor.grants import (
    check_clock,
    check_profile,
    check_thresholds,
    check_tokens,
    check_unused_tokens,
)
from doorward.wiring.doctor.memory import check_memory
from doorward.wiring.doctor.models import check_models, check_succession
from doorward.wiring.doctor.moves import check_moves
from doorward.wiring.doctor.neighbours import check_neighbours
from doorward.wiring.doctor.outside import Operation, address_of, check_outside
from doorward.wiring.doctor.people import check_people
from doorward.wiring.doctor.ports import check_listeners, check_own_listeners
from doorward.wiring.doctor.postgresql import check_postgresql
from doorward.wiring.doctor.processes import check_exposed_secrets, check_units
from doorward.wiring.doctor.sealed import Progress, check_sealed
from doorward.wiring.face.site import Site
from doorward.wiring.serving import serving_at

DAMAGED = "database-damaged"


def examine_files(folder: Path, passphrase_at: Path | None, now: datetime) -> tuple[Finding, ...]:
    """What can be seen without the key. Do this before the site is opened: opening mends what is overdue."""
    settings = read_site_settings(folder)
    return worst_first(
        chain(
            check_modes(folder),
            check_key_place(folder, settings, passphrase_at),
            check_passphrase_cost(settings),
            check_databases(folder),
            check_postgresql(settings),
            check_overdue(folder, now),
        )
    )


def examine_site(
    site: Site,
    routes: Sequence[Operation],
    deep: Progress | None = None,
    now: datetime | None = None,
    *,
    with_advisories: bool = False,
) -> tuple[Finding, ...]:
    """What an open site shows, and the server that serves it if one does.

    ``deep``: open every record, told so far. ``with_advisories``: tell osv.dev which packages run here.
    """
    now = now or site.stores.vault.clock.now()
    checks: list[Iterator[Finding]] = [
        check_advisories() if with_advisories else iter([advisories_unasked()]),
        check_exposed_secrets(),
        check_units(),
        check_memory(),
        *_of_grants(site, now),
        check_models(site),
        _guarded(lambda: check_succession(site)),
        _guarded(lambda: check_people(site, now)),
        _guarded(lambda: check_unused_tokens(site, now)),
        _guarded(lambda: check_moves(site, now)),
        _guarded(lambda: check_devices(site, now)),
        check_wraps(site.folder),
        _guarded(lambda: check_ledger(site)),
        _guarded(lambda: check_key_copies(site, now)),
        _guarded(lambda: check_drill(site, now)),
        _check_server(site, routes, now),
    ]
    if deep is not None:
        checks.append(_guarded(lambda: check_sealed(site, deep)))
    return worst_first(chain.from_iterable(checks))


def examine_before_serving(site: Site, passphrase_at: Path | None = None) -> tuple[Finding, ...]:
    """The quick, local checks: what a server must not start with."""
    now = site.stores.vault.clock.now()
    return worst_first(
        chain(
            check_modes(site.folder),
            check_key_place(site.folder, site.settings, passphrase_at),
            check_exposed_secrets(),
            check_units(),
            check_own_listeners(),
            *_of_grants(site, now),
        )
    )


def refuse_critical(findings: Sequence[Finding], accepted: Sequence[str]) -> None:
    """``CriticalFindings`` unless each critical finding is among ``accepted``, by its id."""
    if left := [finding for finding in critical(findings) if finding.id not in accepted]:
        told = " ".join(f"{finding.id}: {finding.what}" for finding in left)
        raise CriticalFindings(
            f"The site is not fit to be served. {told} Mend it as `doorward doctor` says, "
            "or accept it with --accept-finding."
        )


def examine_outside(url: str, routes: Sequence[Operation], now: datetime) -> tuple[Finding, ...]:
    """The outer half, from any machine, and the ports beside it: ``SourceError`` when nothing answers at ``url``."""
    return worst_first(chain(check_outside(url, routes, now), check_neighbours(url)))


def is_openable(findings: Sequence[Finding]) -> bool:
    """A damaged database is told, and not opened."""
    return all(finding.id != DAMAGED for finding in findings)


def _of_grants(site: Site, now: datetime) -> list[Iterator[Finding]]:
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: check_profile(site),
        lambda: check_tokens(site, now),
        lambda: check_thresholds(site, now),
        lambda: check_clock(site, now),
    )
    return [_guarded(check) for check in checks]


def _guarded(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """A record that does not open ends the check that met it, and is a finding itself."""
    try:
        yield from check()
    except Tampered as tampered:
        yield Finding(
            "record-tampered",
            Severity.CRITICAL,
            tampered.message,
            "Somebody writes the database past Doorward, as anybody could in the case that it is built against.",
            "doorward doctor --deep names every such row; find out who wrote it.",
        )


def _check_server(site: Site, routes: Sequence[Operation], now: datetime) -> Iterator[Finding]:
    addresses = serving_at(site.folder)
    yield from check_listeners(servers=[address_of(address) for address in addresses])
    for address in addresses:
        try:
            yield from check_outside(address, routes, now)
        except SourceError as silent:
            yield Finding(
                "server-silent",
                Severity.WARNING,
                silent.message,
                "A server holds this site and does not answer there.",
                "See what it says on standard error, and start it again.",
            )
