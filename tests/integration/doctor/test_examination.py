"""Every check is part of the examinations that it belongs to: a finding that it makes is told, or stops a server."""

from collections.abc import Callable, Iterator

import pytest

from doorward.errors import CriticalFindings
from doorward.wiring.doctor import examination
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.face.site import Site

PLANTED = Finding("planted-one", Severity.CRITICAL, "what", "why", "mend")


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def planted(*_: object, **__: object) -> Iterator[Finding]:
        yield PLANTED

    return lambda check: monkeypatch.setattr(examination, check, planted)


@pytest.mark.parametrize(
    "check", ["check_exposed_secrets", "check_units", "check_memory", "check_listeners", "check_models", "check_tokens"]
)
def test_an_open_site_is_examined_for_it(site: Site, plant: Callable[[str], None], check: str) -> None:
    plant(check)
    assert PLANTED in examination.examine_site(site, ())


@pytest.mark.parametrize("check", ["check_exposed_secrets", "check_units", "check_own_listeners", "check_modes"])
def test_a_server_is_kept_from_starting_by_it(site: Site, plant: Callable[[str], None], check: str) -> None:
    plant(check)
    found = examination.examine_before_serving(site)
    assert PLANTED in found
    with pytest.raises(CriticalFindings):
        examination.refuse_critical(found, [])
    others = [finding.id for finding in found if finding != PLANTED]
    examination.refuse_critical(found, ["planted-one", *others])


def test_a_passphrase_in_the_servers_own_environment_keeps_it_from_starting(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOORWARD_PASSPHRASE", "hunter2")
    found = examination.examine_before_serving(site)
    told = [finding.what for finding in found if finding.id == "secret-in-environment"]
    assert len(told) == 1
    assert "DOORWARD_PASSPHRASE" in told[0]
    assert "hunter2" not in told[0]
