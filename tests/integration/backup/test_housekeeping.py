"""What a server does by itself: copies of the keys made and removed in time, each job failing alone."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Lock

import pytest

from doorward.adapters.stores.face.ledger_copies import ledger_name
from doorward.adapters.stores.turns import SiteTurns
from doorward.errors import StorageError
from doorward.kernel.audit import AuditEntry
from doorward.wiring.doctor.continuity import check_key_copies
from doorward.wiring.face.backup import back_up_keys
from doorward.wiring.face.erasing import erase_person
from doorward.wiring.face.housekeeping import COPY_KEYS_AFTER, KEEPER, ROUND, Undone, keep_house
from doorward.wiring.face.site import Site, open_site
from throwaway_sites import PASSPHRASE, throwaway_site

Later = Callable[[timedelta], None]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(throwaway_site(tmp_path), lambda: PASSPHRASE) as opened:
        yield opened


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder


@pytest.fixture
def later(site: Site, monkeypatch: pytest.MonkeyPatch) -> Later:
    """Sets the clock so much later than the end of this hour, where a receipt's deadline is the closest."""
    clock = site.stores.vault.clock
    begun = clock.now().replace(minute=59, second=59)

    def sets(by: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: begun + by, raising=False)

    sets(timedelta(0))
    return sets


def round_of(site: Site) -> tuple[Undone, ...]:
    return keep_house(site, Lock())


def held(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.backup"))


def logged(site: Site) -> list[AuditEntry]:
    return [one.entry for one in site.stores.trail.listed(100)]


def test_no_copy_is_made_before_a_folder_was_named(site: Site, copies: Path) -> None:
    before = logged(site)
    assert round_of(site) == ()
    assert (logged(site), held(copies)) == (before, [])


def test_the_next_copy_is_made_after_a_day(site: Site, copies: Path, later: Later) -> None:
    first = back_up_keys(site, copies, days=7).path
    later(COPY_KEYS_AFTER - ROUND)
    assert round_of(site) == ()
    assert held(copies) == [first]
    later(COPY_KEYS_AFTER + ROUND)
    assert round_of(site) == ()
    assert len(held(copies)) == 2
    assert logged(site)[-1].actor == KEEPER
    assert round_of(site) == ()
    assert len(held(copies)) == 2


def test_who_finds_another_server_at_it_leaves_it_to_them(site: Site, copies: Path, later: Later) -> None:
    back_up_keys(site, copies, days=7)
    later(COPY_KEYS_AFTER + ROUND)
    with SiteTurns(site.stores.data, site.folder).next("key copies"):
        assert round_of(site) == ()
        assert len(held(copies)) == 1
    assert round_of(site) == ()
    assert len(held(copies)) == 2


def test_an_erasure_on_a_machine_without_the_copies_is_written_down(site: Site, copies: Path) -> None:
    back_up_keys(site, copies, days=7)
    ledger = copies / ledger_name(site.settings.site)
    before = ledger.read_bytes()
    ada = site.add_person("Ada")
    away = copies.rename(copies.with_name("away"))
    site.register.erase(site.actor, ada.id)
    away.rename(copies)
    assert ledger.read_bytes() == before
    assert round_of(site) == ()
    assert ada.id.encode() in ledger.read_bytes()


@pytest.mark.parametrize("days", [1, 2, 7])
def test_rounds_alone_keep_the_deadline_of_a_receipt(site: Site, copies: Path, later: Later, days: int) -> None:
    """At the deadline no copy from before the erasure lies there; and at no time none at all."""
    with_ada = back_up_keys(site, copies, days=days).path
    receipt = erase_person(site, site.add_person("Ada").id).receipt
    assert receipt.keys_gone_by is not None
    begun = site.stores.vault.clock.now()
    passed = ROUND / 2
    while begun + passed + ROUND <= receipt.keys_gone_by:
        passed += ROUND
        later(passed)
        assert round_of(site) == ()
        assert held(copies)
    assert with_ada not in held(copies)
    assert list(check_key_copies(site, begun + passed)) == []


def test_each_job_fails_alone(site: Site, copies: Path, later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    old = back_up_keys(site, copies, days=2).path
    (copies.parent / "away").mkdir()
    back_up_keys(site, copies.parent / "away")
    shutil.rmtree(copies.parent / "away")
    later(timedelta(days=3))
    monkeypatch.setattr(site.doorkeeper, "forget_old", _full)
    assert [(one.job, one.code) for one in round_of(site)] == [
        ("drop old passages", StorageError.code),
        ("back up the keys", StorageError.code),
        ("write down erasures", StorageError.code),
    ]
    assert not old.exists()
    assert not (copies.parent / "away").exists()


def _full() -> None:
    raise StorageError("The disk is full.")


def test_a_folder_that_may_not_be_written_is_one_more_job_undone(
    site: Site, copies: Path, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up_keys(site, copies, days=1)
    later(timedelta(days=3))
    monkeypatch.setattr(Path, "unlink", _refused)
    assert ("remove old copies of the keys", StorageError.code) in [(one.job, one.code) for one in round_of(site)]


def _refused(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_the_doctor_sees_copies_that_are_too_old(site: Site, copies: Path, later: Later) -> None:
    begun = site.stores.vault.clock.now()
    assert list(check_key_copies(site, begun)) == []
    path = back_up_keys(site, copies, days=3).path
    assert list(check_key_copies(site, begun)) == []

    def found(after: timedelta) -> list[str]:
        later(after)
        return [finding.id for finding in check_key_copies(site, begun + after)]

    assert found(timedelta(hours=47)) == []
    assert found(timedelta(hours=49)) == ["key-copy-too-old"]
    assert found(timedelta(hours=73)) == ["key-copy-too-old", "key-copies-overdue"]
    path.unlink()
    assert found(timedelta(hours=1)) == ["key-copy-too-old"]
