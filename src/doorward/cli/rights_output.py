"""The record of processing and the report of an incident, as JSON and as a page in Markdown."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from doorward.wiring.face.reporting import IncidentReport, ProcessingRecord

_TO_FILL_IN = "*to be filled in by the controller*"
_MOMENT = "%Y-%m-%d %H:%M UTC"


def record_json(record: ProcessingRecord) -> dict[str, object]:
    profile = record.profile
    return {
        "site": record.site,
        "made_at": record.made_at.isoformat(),
        "controller": record.controller,
        "data_protection_officer": record.officer,
        "security_contact": record.security_contact,
        "profile": profile.name.value,
        "assessment_title": profile.assessment_title,
        "assessment_sha256": profile.assessment_sha256,
        "notice": profile.notice,
        "purposes": [{"purpose": name, "meaning": meaning} for name, meaning in record.purposes.items()],
        "uses_of_passages": list(record.uses_of_passages),
        "legal_basis": "consent of each person, recorded for each purpose (GDPR Art. 6(1)(a) and 9(2)(a))",
        "categories_of_people": list(record.people),
        "categories_of_data": list(record.data),
        "recipients": list(record.recipients),
        "transfers": record.transfers,
        "retention": [{"data": data, "kept": kept} for data, kept in record.retention.items()],
        "security_measures": list(record.measures),
        "held": _counts(record.held),
    }


def record_page(record: ProcessingRecord) -> str:
    told = record_json(record)
    profile = record.profile
    assessment = (
        f"“{profile.assessment_title}”, SHA-256 {profile.assessment_sha256}; people are shown “{profile.notice}”."
        if profile.identifies
        else "None is recorded: identification is off."
    )
    return _page(
        "Record of processing activities (GDPR Art. 30)",
        f"Site {record.site}, made {record.made_at:{_MOMENT}} by Doorward from the settings as they were then.",
        {
            "Controller": [record.controller or _TO_FILL_IN],
            "Data-protection officer": [record.officer or _TO_FILL_IN],
            "Purposes": [f"{name}: {meaning}" for name, meaning in record.purposes.items()],
            "What is done with passages": record.uses_of_passages,
            "Legal basis": [str(told["legal_basis"])],
            "Profile": [f"{profile.name.value}"],
            "Impact assessment": [assessment],
            "Categories of people": record.people,
            "Categories of personal data": record.data,
            "Recipients": record.recipients,
            "Transfers to third countries": [record.transfers],
            "Time limits": [f"{data}: {kept}" for data, kept in record.retention.items()],
            "Security measures": record.measures,
            "Held at the time of this record": [f"{count} {name}" for name, count in record.held.items()],
        },
    )


def incident_json(report: IncidentReport) -> dict[str, object]:
    return {
        "site": report.site,
        "from": report.begin.isoformat(),
        "to": report.end.isoformat(),
        "made_at": report.made_at.isoformat(),
        "log_entries": report.entries,
        "people_concerned": report.people_concerned,
        "held": _counts(report.held),
        "categories_of_data": list(report.data),
        "accesses": [
            {
                "actor": one.actor,
                "action": one.action,
                "times": one.times,
                "first": one.first.isoformat(),
                "last": one.last.isoformat(),
            }
            for one in report.accesses
        ],
        "security_measures": list(report.measures),
    }


def incident_page(report: IncidentReport) -> str:
    return _page(
        "Report of an incident (GDPR Art. 33)",
        f"Site {report.site}, from {report.begin:{_MOMENT}} to {report.end:{_MOMENT}}; made "
        f"{report.made_at:{_MOMENT}}. An authority is told within 72 hours of your becoming aware.",
        {
            "What happened, and its likely consequences": [_TO_FILL_IN],
            "Contact point": [_TO_FILL_IN],
            "People concerned": [
                f"{report.people_concerned} people who are still known have entries of this period in the log.",
                f"At most {report.held['people']} people: so many are held now.",
            ],
            "Records held": [f"{count} {name}" for name, count in report.held.items()],
            "Categories of personal data": report.data,
            f"What was done, by whom ({report.entries} entries in the log)": [
                f"{one.actor}: {one.action}, {one.times}×, {_span(one.first, one.last)}" for one in report.accesses
            ],
            "Measures in force": report.measures,
            "Measures taken since": [_TO_FILL_IN],
        },
    )


def _page(title: str, preface: str, parts: Mapping[str, Iterable[str]]) -> str:
    return "\n".join([f"# {title}", preface, *_parts(parts), ""])


def _parts(parts: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for heading, lines in parts.items():
        yield f"\n## {heading}"
        yield from [f"- {line}" for line in lines] or ["- none"]


def _counts(held: Mapping[str, int]) -> dict[str, int]:
    return {name.replace(" ", "_"): count for name, count in held.items()}


def _span(first: datetime, last: datetime) -> str:
    return f"{first:{_MOMENT}}" if first == last else f"{first:{_MOMENT}} to {last:{_MOMENT}}"
