"""A PIN: a second factor for those whose face alone does not decide. What may be one, set, and taken away.

NIST SP 800-63B-4, 3.1.1.2 and 3.2.10: at least six digits here, none that is commonly used or expected, none that the
person's own numbers tell; kept as a slow hash; wrong ones counted as failed attempts.
"""

from collections.abc import Iterator
from itertools import pairwise
from unicodedata import decimal, normalize

from doorward.errors import NotFound, WrongUse
from doorward.kernel.audit import Actor, AuditEntry, AuditTrail
from doorward.kernel.clock import Clock, Randomness
from doorward.kernel.ids import PersonId
from doorward.people.person import Person
from doorward.people.ports import PersonStore, PinStore

SHORTEST_PIN, LONGEST_PIN = 6, 12
"""Digits."""

_FEWEST_DIGITS = 3
"""Different ones in a PIN."""
_TELLING = 4
"""Digits of a person's own number, from which on a PIN that holds them is expected."""
_WAYS_OVER_A_KEYPAD = (
    *("147258", "147852", "147369", "258369", "258147", "369258", "741852"),
    *("159753", "159357", "753951", "357159", "789456", "142536"),
)


def entered_digits(text: str) -> str | None:
    """The digits of a PIN as somebody entered it, in any script; ``None`` when it cannot be one."""
    plain = normalize("NFKC", text.strip())
    digits = _digits_of(plain)
    return digits if len(digits) == len(plain) and SHORTEST_PIN <= len(digits) <= LONGEST_PIN else None


def checked_pin(text: str, person: Person) -> str:
    """The digits of a new PIN of ``person``; ``WrongUse`` when it cannot be one, or is easily guessed."""
    digits = entered_digits(text)
    if digits is None:
        raise WrongUse(f"A PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits and nothing else.")
    if _is_pattern(digits) or any(_tells(number, digits) for number in _own_numbers(person)):
        raise WrongUse(
            "That PIN is easily guessed; choose one without a pattern, and without the person's own numbers."
        )
    return digits


def drawn_pin(randomness: Randomness, person: Person) -> str:
    """One of ``SHORTEST_PIN`` digits, drawn at random among those that ``checked_pin`` takes."""
    while True:
        digits = str(int.from_bytes(randomness.octets(16)) % 10**SHORTEST_PIN).rjust(SHORTEST_PIN, "0")
        try:
            return checked_pin(digits, person)
        except WrongUse:
            continue


class PinDesk:
    """Sets PINs and takes them away; each act is recorded before it is done."""

    def __init__(
        self, people: PersonStore, pins: PinStore, trail: AuditTrail, clock: Clock, randomness: Randomness
    ) -> None:
        self._people = people
        self._pins = pins
        self._trail = trail
        self._clock = clock
        self._randomness = randomness

    def choose(self, actor: Actor, person: PersonId, text: str) -> None:
        """Let ``text`` be the person's PIN, in place of the one that they had; ``WrongUse`` as ``checked_pin``."""
        digits = checked_pin(text, self._people.get(person))
        self._record(actor, "PIN set", person)
        self._pins.put(person, digits)

    def draw(self, actor: Actor, person: PersonId) -> str:
        """A new PIN of the person's, told here and never again."""
        digits = drawn_pin(self._randomness, self._people.get(person))
        self.choose(actor, person, digits)
        return digits

    def remove(self, actor: Actor, person: PersonId) -> None:
        """``NotFound`` when the person has none."""
        self._people.get(person)
        if not self._pins.has(person):
            raise NotFound("This person has no PIN; `doorward people pin` sets one.")
        self._record(actor, "PIN removed", person)
        self._pins.remove(person)

    def _record(self, actor: Actor, action: str, about: PersonId) -> None:
        self._trail.record(AuditEntry(actor, action, about, self._clock.now()))


def _digits_of(text: str) -> str:
    return "".join(str(decimal(one, "")) for one in text)


def _is_pattern(digits: str) -> bool:
    length = len(digits)
    repeats = any(digits == digits[:part] * (length // part) for part in range(1, length // 2 + 1))
    once = "".join(one for one, before in zip(digits, " " + digits, strict=False) if one != before)
    return (
        len(set(digits)) < _FEWEST_DIGITS
        or repeats
        or digits == digits[::-1]
        or _is_run(digits)
        or _is_run(once)
        or any(pattern in digits for pattern in _WAYS_OVER_A_KEYPAD)
    )


def _is_run(digits: str) -> bool:
    """Always the same step from one to the next: 123456, 246802, 987654."""
    return len({(int(one) - int(other)) % 10 for one, other in pairwise(digits)}) == 1


def _own_numbers(person: Person) -> Iterator[str]:
    details = person.details
    texts = (details.badge_number, details.reference, details.document and details.document.number)
    for text in texts:
        yield _digits_of(text or "")
    if details.birth_date:
        for form in ("%d%m%y", "%m%d%y", "%y%m%d", "%d%m%Y", "%m%d%Y", "%Y%m%d"):
            yield details.birth_date.strftime(form)


def _tells(number: str, digits: str) -> bool:
    return digits in number or (len(number) >= _TELLING and number in digits)
