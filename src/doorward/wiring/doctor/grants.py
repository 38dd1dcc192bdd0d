"""What the site permits: its profile, its tokens, and whether its thresholds fit the number enrolled."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select

from doorward.adapters.stores.face.tables import enrolments
from doorward.identify.search_basis import SearchBasis, search_basis
from doorward.kernel.permissions import TOKEN_SCOPES, Scope
from doorward.wiring.doctor.finding import Finding, Severity
from doorward.wiring.face.site import Site
from doorward.wiring.serving import tokens_of

SOON = timedelta(days=14)
UNUSED = timedelta(days=30)
CLOCK_TOLERANCE = timedelta(minutes=5)
_BIOMETRIC = {Scope.VERIFY, Scope.IDENTIFY}


def check_profile(site: Site) -> Iterator[Finding]:
    """Identification rests on a recorded assessment and a notice."""
    profile = site.profiles.current()
    if profile.identifies and not (profile.assessment_sha256 and profile.assessment_title and profile.notice):
        yield Finding(
            "identification-without-assessment",
            Severity.CRITICAL,
            "Identification is on, and no impact assessment with a notice to people is recorded.",
            "GDPR Art. 35 asks for one before biometric data are used to tell who somebody is.",
            "doorward profile identify --dpia FILE --notice TEXT, or doorward profile verify",
        )


def check_tokens(site: Site, now: datetime) -> Iterator[Finding]:
    """Valid tokens that can do too much, or end soon."""
    for token in tokens_of(site).all():
        if not token.is_valid(now):
            continue
        if token.scopes >= TOKEN_SCOPES:
            yield Finding(
                "token-over-scoped",
                Severity.WARNING,
                f"The token {token.name} carries every scope.",
                "Whoever finds it in a log or a repository can read, change and search everything.",
                f"Make one for each use with the scopes it needs, then: doorward token revoke {token.name}",
            )
        elif Scope.SCORES_READ in token.scopes and token.scopes & _BIOMETRIC:
            yield Finding(
                "token-reads-scores",
                Severity.NOTE,
                f"The token {token.name} may read comparison scores.",
                "With as many scores as a template has dimensions, the template can be computed.",
                "Keep it to an integration that is trusted with templates.",
            )
        if token.expires_at - now < SOON:
            yield Finding(
                "token-expires-soon",
                Severity.NOTE,
                f"The token {token.name} expires on {token.expires_at:%Y-%m-%d}.",
                "What uses it stops then.",
                "doorward token create, and give the new one to what uses it",
            )


def check_unused_tokens(site: Site, now: datetime) -> Iterator[Finding]:
    """Valid tokens that the log has never seen; reading it takes as long as there are entries."""
    seen = {logged.entry.actor.name for logged in site.stores.trail.listed(max(site.stores.trail.count(), 1))}
    for token in tokens_of(site).all():
        leaves_entries = bool(token.scopes - {Scope.CROWD_READ, Scope.CROWD_ACKNOWLEDGE})
        old = now - token.created_at > UNUSED
        if token.is_valid(now) and leaves_entries and old and f"token {token.name}" not in seen:
            yield Finding(
                "token-unused",
                Severity.NOTE,
                f"The token {token.name} has done nothing in the {UNUSED.days} days and more since it was made.",
                "A credential that nobody misses is one whose theft nobody notices.",
                f"doorward token revoke {token.name}",
            )


def check_thresholds(site: Site, now: datetime) -> Iterator[Finding]:
    """Whether a threshold was measured for a search among each checkpoint's people, pending templates included."""
    doors = site.doorkeeper.all()
    if not site.profiles.current().identifies or not doors:
        return
    strictest = min(map(site.search_policy.fpir_at, doors))
    with site.stores.data.connect() as connection:
        everybody = connection.execute(select(func.count()).select_from(enrolments)).scalar_one()
        if _basis(site, everybody, strictest).is_supported:
            return
        rows = connection.execute(select(enrolments.c.person, func.count()).group_by(enrolments.c.person)).all()
    held = {str(row[0]): int(row[1]) for row in rows}
    sizes: dict[str, int] = {}
    for person in site.stores.people.all():
        for group in person.groups_at(now):
            sizes[group] = sizes.get(group, 0) + held.get(person.id, 0)
    for door in doors:
        basis = _basis(site, sizes.get(door.group, 0), site.search_policy.fpir_at(door))
        if not basis.is_supported:
            yield Finding(
                "threshold-unfit",
                Severity.WARNING,
                f"The checkpoint {door.name} lets nobody in by their face alone. {basis.refusal}",
                "At 10,000 people a false-match rate of 1e-4 names a wrong person in 63 of 100 searches.",
                "Put a reader for badges beside the camera, or give the checkpoint a smaller group.",
            )


def check_clock(site: Site, now: datetime) -> Iterator[Finding]:
    """The clock against what the site has already seen: when it was made, and the newest entry of its log."""
    seen = max([site.settings.created_at, *(logged.entry.at for logged in site.stores.trail.listed(1))])
    if now + CLOCK_TOLERANCE < seen:
        yield Finding(
            "clock-behind",
            Severity.CRITICAL,
            f"The clock says {now:%Y-%m-%d %H:%M} UTC, and the site was at work at {seen:%Y-%m-%d %H:%M} UTC.",
            "A clock set back revives consents, tokens and invitations that have ended, and dates the log falsely.",
            "Set the clock, from a time server you trust.",
        )


def _basis(site: Site, references: int, fpir: float) -> SearchBasis:
    return search_basis(site.embedder.model, references, fpir, site.thresholds.in_use)
