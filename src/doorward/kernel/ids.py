"""Identifiers: random UUIDv4 in text form, so that an id tells neither order nor time."""

from typing import NewType
from uuid import UUID

from doorward.errors import WrongUse

SiteId = NewType("SiteId", str)
PersonId = NewType("PersonId", str)
ConsentId = NewType("ConsentId", str)
TemplateId = NewType("TemplateId", str)
CheckpointId = NewType("CheckpointId", str)
PassageId = NewType("PassageId", str)
TokenId = NewType("TokenId", str)
CredentialId = NewType("CredentialId", str)
DeviceId = NewType("DeviceId", str)
MoveId = NewType("MoveId", str)
HoldId = NewType("HoldId", str)


def parse_person_id(text: str) -> PersonId:
    """A person id from outside, in canonical form; ``WrongUse`` when it is not a UUID."""
    try:
        return PersonId(str(UUID(text)))
    except ValueError:
        raise WrongUse("That is not a person id; `doorward people list` shows the ids of those enrolled.") from None
