"""Claims to one's own data: a face that would do at a door does not do alone for who has more to show."""

from collections.abc import Callable
from dataclasses import replace

from doorward.face.template import TemplateOrigin
from doorward.kernel.ids import PersonId
from doorward.people.pin import entered_digits
from doorward.people.ports import CredentialStore, PinStore
from doorward.verify.claim import Claim, Shown

MakeClaim = Callable[[Shown, TemplateOrigin, TemplateOrigin | None], Claim]


class OwnClaims:
    """Whoever has a PIN has to enter it, and whoever carries a credential has to show it, beside their face.

    Without it the claim can be met by nobody, is answered as a face that differs, and counts as one.
    """

    def __init__(self, make: MakeClaim, pins: PinStore, credentials: CredentialStore, pin: str | None) -> None:
        self._make = make
        self._pins = pins
        self._credentials = credentials
        self._pin = pin

    def of(self, shown: Shown, origin: TemplateOrigin, former: TemplateOrigin | None = None) -> Claim:
        claim = self._make(shown, origin, former)
        is_shown = shown.credential is not None or not self._carries(claim.person)
        if self._is_pin_of(claim.person) and is_shown:
            return replace(claim, way=claim.way or "face, for their own data")
        return replace(claim, way="face, for their own data", refusal="the PIN or credential is missing or another")

    def _is_pin_of(self, person: PersonId | None) -> bool:
        """Asked in the same time of everybody."""
        asked = [] if person is None else [person]
        holders = self._pins.holders(asked, entered_digits(self._pin or "") or "")
        return person in holders or not (person is not None and self._pins.has(person))

    def _carries(self, person: PersonId | None) -> bool:
        return person is not None and self._credentials.of(person) is not None
