"""What clients send of people: every field known, every length limited."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from doorward.face.decision import Outcome
from doorward.face.pad import PadMethod
from doorward.face.presentation import Act
from doorward.face.thresholds import HIGHEST_FPIR
from doorward.kernel.ids import parse_person_id
from doorward.people.consent import Purpose
from doorward.people.lookalikes import Distinction
from doorward.people.officer import LONGEST_OFFICER
from doorward.people.person import EVERYONE, LONGEST_TEXT, Details, Document
from doorward.wiring.face.credential_verification import LONGEST_CODE

Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Nonce = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
LONGEST_GROUP = 60
Group = Annotated[str, Field(min_length=1, max_length=LONGEST_GROUP)]
Officer = Annotated[str, Field(min_length=1, max_length=LONGEST_OFFICER)]
Scan = Annotated[bytes | None, WithJsonSchema({"type": "string", "format": "binary"})]
CodeText = Annotated[str, Field(min_length=1, max_length=LONGEST_CODE)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewDocument(Strict):
    number: Text
    issued: date | None = None
    expires: date | None = None


class NewPerson(Strict):
    """Only the display name is required."""

    display_name: Text
    full_name: Text | None = None
    document: NewDocument | None = None
    birth_date: date | None = None
    address: Text | None = None
    employer: Text | None = None
    badge_number: Text | None = None
    groups: Annotated[list[Group], Field(max_length=50)] = []

    def details(self) -> Details:
        given = self.document
        return Details(
            self.full_name,
            Document(given.number, given.issued, given.expires) if given else None,
            self.birth_date,
            self.address,
            self.employer,
            self.badge_number,
        )


class NewGroup(Strict):
    """``from`` and ``until``: the first moments at which it holds and no longer holds, with their offset from UTC."""

    group: Group
    begins: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until: AwareDatetime | None = None


class NewConsent(Strict):
    """``until``: the first moment at which it no longer holds, with its offset from UTC."""

    notice: Text
    notice_version: Text
    purposes: Annotated[frozenset[Purpose], Field(min_length=1)]
    given_how: Text
    until: AwareDatetime | None = None


class NewCheckpoint(Strict):
    """``fpir``: the share of strangers that a search there may name wrongly; the site's if not given."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    group: Group = EVERYONE
    act: Act = Act.TILT
    attack_checks: frozenset[PadMethod] = frozenset()
    fpir: Annotated[float, Field(gt=0, le=HIGHEST_FPIR)] | None = None


class NoFields(Strict):
    """A form of a picture alone."""


class Enrolling(Strict):
    """``document``: a scan of the identity document whose portrait the face has to match, a file as the photo is; what
    it says goes into the record, and nothing of it is kept besides. ``name_checked_by``: the officer who read its name,
    needed where the page does not print it. ``distinct_from``: ids, with commas, of people enrolled whom the face
    resembles and who are others, such as a twin; ``reason``: how that is known. Both, or neither.
    """

    document: Scan = None
    name_checked_by: Officer | None = None
    distinct_from: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _both(self) -> "Enrolling":
        if (self.distinct_from is None) != (self.reason is None):
            raise PydanticCustomError("both", "distinct_from goes with a reason")
        if self.name_checked_by is not None and self.document is None:
            raise PydanticCustomError("name_of_document", "name_checked_by goes with a document")
        return self

    def distinction(self) -> Distinction | None:
        """``WrongUse`` when what was sent are no ids."""
        if self.distinct_from is None or self.reason is None:
            return None
        return Distinction(frozenset(map(parse_person_id, self.distinct_from.split(","))), self.reason)


def require_one_claim(sent: BaseModel, *ways: str) -> None:
    """``PydanticCustomError`` unless exactly one of the fields ``ways`` was sent."""
    if sum(getattr(sent, way) is not None for way in ways) != 1:
        raise PydanticCustomError("one_claim", f"exactly one of {', '.join(ways[:-1])} and {ways[-1]}")


class Claim(Strict):
    """Who somebody claims to be: by exactly one of id, badge number, document number, credential and document.

    ``credential``: the text of the code that they carry, or ``same`` when it is on the photo. ``document``: a scan of
    the identity document that they show, a file as the photo is; nothing of it is kept. ``fmr``: the false-match
    rate that the decision may have, 0 to 1; the site's default if not given. ``challenge``: the nonce of the movements
    that the person in the photo has just made.
    """

    person: UUID | None = None
    badge: Text | None = None
    document_number: Text | None = None
    credential: CodeText | None = None
    document: Scan = None
    fmr: Annotated[float, Field(gt=0, lt=1)] | None = None
    challenge: Nonce | None = None

    @model_validator(mode="after")
    def _one_claim(self) -> "Claim":
        require_one_claim(self, "person", "badge", "document_number", "credential", "document")
        return self


class SeenByEye(Strict):
    """What the officer named ``officer`` decided of the person before them, without a face being compared."""

    person: UUID
    outcome: Outcome
    officer: Officer


class Search(Strict):
    """The checkpoint that the person stands before. ``challenge`` as in ``Claim``.

    ``badge`` or ``pin``: what they show or enter beside their face, where that does not decide alone.
    """

    checkpoint: Annotated[str, Field(min_length=1, max_length=60)]
    challenge: Nonce | None = None
    badge: Text | None = None
    pin: Annotated[str, Field(min_length=1, max_length=60)] | None = None

    @model_validator(mode="after")
    def _one_factor(self) -> "Search":
        if self.badge is not None and self.pin is not None:
            raise PydanticCustomError("one_factor", "a badge number or a PIN, not both")
        return self
