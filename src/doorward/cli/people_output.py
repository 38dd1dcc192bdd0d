"""How people are shown: as JSON, and as a page on the terminal."""

from datetime import datetime

from rich.console import Group
from rich.table import Table
from rich.text import Text

from doorward.cli.output import console
from doorward.kernel.audit import AuditEntry
from doorward.people.consent import Consent
from doorward.people.credential import Issued
from doorward.people.enrolment import Enrolment
from doorward.people.lookalikes import Lookalike
from doorward.people.membership import Membership, in_order
from doorward.people.person import Person
from doorward.people.register import Dossier


def person_json(person: Person, now: datetime) -> dict[str, object]:
    details, document = person.details, person.details.document
    return {
        "id": person.id,
        "display_name": person.display_name,
        "full_name": details.full_name,
        "document": document
        and {
            "number": document.number,
            "issued": document.issued and document.issued.isoformat(),
            "expires": document.expires and document.expires.isoformat(),
        },
        "birth_date": details.birth_date and details.birth_date.isoformat(),
        "address": details.address,
        "employer": details.employer,
        "badge_number": details.badge_number,
        "reference": details.reference,
        "groups": sorted(person.groups_at(now)),
        "memberships": [membership_json(one) for one in in_order(person.memberships)],
        "created_at": person.created_at.isoformat(),
    }


def membership_json(membership: Membership) -> dict[str, object]:
    return {
        "group": membership.group,
        "from": membership.begins and membership.begins.isoformat(),
        "until": membership.ends and membership.ends.isoformat(),
    }


def consent_json(consent: Consent) -> dict[str, object]:
    return {
        "id": consent.id,
        "notice": consent.notice,
        "notice_version": consent.notice_version,
        "purposes": sorted(consent.purposes),
        "given_at": consent.given_at.isoformat(),
        "given_how": consent.given_how,
        "until": consent.until and consent.until.isoformat(),
        "withdrawn_at": consent.withdrawn_at and consent.withdrawn_at.isoformat(),
        "moved_from": consent.moved_from,
    }


def enrolment_json(enrolment: Enrolment) -> dict[str, object]:
    """What is told of an enrolment: never the template."""
    origin = enrolment.template.origin
    return {
        "id": enrolment.id,
        "person": enrolment.person,
        "state": "pending" if enrolment.is_pending else "confirmed",
        "captured_from": enrolment.captured_from.value,
        "enrolled_at": enrolment.enrolled_at.isoformat(),
        "confirmed_at": enrolment.confirmed_at and enrolment.confirmed_at.isoformat(),
        "model": origin.model,
        "runtime": origin.runtime,
        "precision": origin.precision,
    }


def issued_json(issued: Issued) -> dict[str, object]:
    """A credential that holds, without what is in it."""
    return {
        "credential": issued.id,
        "person": issued.person,
        "issued_at": issued.issued_at.isoformat(),
        "until": issued.until.isoformat(),
    }


def lookalike_json(lookalike: Lookalike) -> dict[str, object]:
    return {"person": lookalike.person, "stated_at": lookalike.stated_at.isoformat()}


def dossier_json(dossier: Dossier) -> dict[str, object]:
    return {
        **person_json(dossier.person, dossier.at),
        "consents": [consent_json(consent) for consent in dossier.consents],
        "enrolments": [enrolment_json(enrolment) for enrolment in dossier.enrolments],
        "lookalikes": [lookalike_json(lookalike) for lookalike in dossier.lookalikes],
        "has_pin": dossier.has_pin,
        "looks": [look_json(entry) for entry in dossier.looks],
    }


def look_json(entry: AuditEntry) -> dict[str, object]:
    return {
        "at": entry.at.isoformat(),
        "actor": entry.actor.name,
        "purpose": entry.actor.purpose,
        "action": entry.action,
    }


def print_dossier(dossier: Dossier) -> None:
    fields = Table(box=None, show_header=False, pad_edge=False)
    for name, value in person_json(dossier.person, dossier.at).items():
        if value and name != "memberships":
            fields.add_row(name.replace("_", " "), _plain(value))
    console().print(
        Group(
            fields,
            _listed("Memberships", [membership_json(one) for one in in_order(dossier.person.memberships)]),
            _listed("Consents", [consent_json(consent) for consent in dossier.consents]),
            _listed("Enrolments", [enrolment_json(enrolment) for enrolment in dossier.enrolments]),
            _listed("Lookalikes", [{"whom": one.person, **lookalike_json(one)} for one in dossier.lookalikes]),
            Text(f"PIN: {'set' if dossier.has_pin else 'none'}"),
            _listed("Who looked", dossier_json(dossier)["looks"]),
        )
    )


def _listed(title: str, rows: object) -> Group:
    if not isinstance(rows, list) or not rows:
        return Group(Text(), Text(f"{title}: none", style="bold"))
    shown = [name for name in rows[0] if name not in ("id", "person")]
    table = Table(*(name.replace("_", " ") for name in shown), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_plain(row[name]) for name in shown))
    return Group(Text(), Text(title, style="bold"), table)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items() if part)
    if isinstance(value, list):
        return ", ".join(value)
    return str(value)[:19] if "T" in str(value) and str(value)[:2] == "20" else str(value or "")
