"""A process that renews keys is killed at random times: everything opens, and the renewal is taken up again."""

import os
import random
import signal
import time
from contextlib import closing
from pathlib import Path

from doorward.wiring.face import keys as renewing_keys
from doorward.wiring.face.keys import Renewable, inventory, renew_person, renew_site_wide
from known_people import OFFICER, consent, enrolment, face, passage, person
from throwaway_sites import opened_stores, throwaway_site

KILLS = 8


def renew_for_ever(folder: Path, people: list[str], told: int) -> None:
    """Writes a byte to ``told`` after each renewal."""
    renewing_keys.BATCH = 3
    with closing(opened_stores(folder)) as stores:
        while True:
            for which in Renewable:
                renew_site_wide(folder, stores, which, OFFICER, lambda done, total: None)
                os.write(told, b".")
            for who in people:
                renew_person(folder, stores, who, OFFICER)
                os.write(told, b".")


def killed_after(renewals: int, seconds: float, folder: Path, people: list[str]) -> None:
    """Killed that long after so many renewals, however slow the machine."""
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            renew_for_ever(folder, people, tell)
        finally:
            os._exit(1)
    os.close(tell)
    for _ in range(renewals):
        assert os.read(hear, 1), "the child failed by itself"
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(hear)
    assert os.WIFSIGNALED(status), "the child failed by itself"


def test_everything_opens_after_every_kill(tmp_path: Path) -> None:
    folder = throwaway_site(tmp_path)
    known = [person(f"Person {number}", badge_number=f"B{number}") for number in range(4)]
    with closing(opened_stores(folder)) as stores:
        for one in known:
            stores.people.add(one)
            stores.consents.add(consent(one.id))
            stores.enrolments.add(enrolment(one.id, face(1)), photo=b"photo")
            stores.passages.add(passage(one.id))
        stores.grants.put("token", "t", {"name": "kiosk"})
    chance = random.Random(7)
    for _ in range(KILLS):
        killed_after(chance.randint(1, 9), chance.uniform(0, 0.08), folder, [one.id for one in known])
        with closing(opened_stores(folder)) as stores:
            assert {one.id: one for one in stores.people.all()} == {one.id: one for one in known}
            for one in known:
                (held,) = stores.enrolments.of(one.id)
                assert stores.enrolments.photo(one.id, held.id) == b"photo"
                assert len(stores.passages.of(one.id)) == len(stores.consents.of(one.id)) == 1
                assert stores.vault.look_up("badge", one.details.badge_number or "") == one.id
            assert stores.grants.get("token", "t") == {"name": "kiosk"}
            assert stores.auditing.verify().problems == ()
    with closing(opened_stores(folder)) as stores:
        for which in Renewable:
            renew_site_wide(folder, stores, which, OFFICER, lambda done, total: None)
    told = inventory(folder)
    assert told.site_key_version > 2
    assert told.on_older_site_key == 0
    assert not any("retiring" in kind.states for kind in told.kinds)
