"""What an open site does to enrol people: from photos, and before a camera."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from doorward.errors import DoorwardError
from doorward.face.capture import Capture
from doorward.face.template import Template
from doorward.kernel.audit import Actor
from doorward.kernel.ids import PersonId
from doorward.people.enroller import Enroller
from doorward.people.enrolment import CapturedFrom, Enrolment
from doorward.people.lookalikes import Distinction
from doorward.people.person import Person
from doorward.wiring.face.attack_guard import AttackGuard, Seen
from doorward.wiring.face.live_capture import Tell, capture_live
from doorward.wiring.face.models import FaceModels
from doorward.wiring.face.profile import Profiles
from doorward.wiring.face.succession import Succession

Photo = bytes | str | Path


class EnrollingSite(ABC):
    """The enrolling half of ``Site``."""

    actor: Actor
    profiles: Profiles
    attack_guard: AttackGuard
    succession: Succession

    @property
    @abstractmethod
    def models(self) -> FaceModels: ...

    @property
    @abstractmethod
    def enroller(self) -> Enroller: ...

    @abstractmethod
    def capture(self, photo: Photo) -> Capture: ...

    def enrol_photo(
        self,
        person: Person | PersonId,
        photo: Photo,
        actor: Actor | None = None,
        *,
        portrait: Template | None = None,
        distinct: Distinction | None = None,
        may_see_duplicate: bool = True,
    ) -> Enrolment:
        """Enrol from a photo file. The enrolment stays pending until ``confirm``.

        ``portrait``: of a document, which the face has to match, else ``NotConfirmed``. ``distinct``: people whom the
        face resembles, and who are others.
        """
        taken, kept = self._taken(photo)
        return self.enroller.enrol(
            actor or self.actor,
            person_id(person),
            taken.template,
            CapturedFrom.FILE,
            kept,
            former=taken.former,
            portrait=portrait,
            distinct=distinct,
            may_see_duplicate=may_see_duplicate,
        )

    def update_photo(
        self,
        person: Person | PersonId,
        photo: Photo,
        actor: Actor | None = None,
        *,
        distinct: Distinction | None = None,
    ) -> Enrolment:
        """Add a photo that matches the person's references strongly; it counts at once."""
        taken, kept = self._taken(photo)
        by = actor or self.actor
        return self.enroller.update(
            by,
            person_id(person),
            taken.template,
            CapturedFrom.FILE,
            kept,
            former=taken.former,
            distinct=distinct,
            may_see_duplicate=True,
        )

    def enrol_live(
        self,
        person: Person | PersonId,
        source: str,
        actor: Actor | None = None,
        *,
        unsafe_recorded: bool = False,
        tell: Tell = lambda _: None,
        portrait: Template | None = None,
        distinct: Distinction | None = None,
    ) -> Enrolment:
        """Enrol who stands before the camera ``source``; counts at once. ``tell`` says to them what to do.

        ``portrait`` as ``enrol_photo`` takes it.

        ``AttackChecksFailed`` when they fail what the site asks for against presentation attacks.
        """
        by = _marked(actor or self.actor, unsafe_recorded)
        seen = self._live(person_id(person), source, by, unsafe_recorded, tell)
        return self.enroller.enrol(
            by,
            person_id(person),
            seen.template,
            CapturedFrom.LIVE,
            former=seen.former,
            portrait=portrait,
            distinct=distinct,
            may_see_duplicate=True,
        )

    def confirm(
        self,
        person: Person | PersonId,
        source: str,
        actor: Actor | None = None,
        *,
        unsafe_recorded: bool = False,
        tell: Tell = lambda _: None,
        distinct: Distinction | None = None,
        may_see_duplicate: bool = True,
    ) -> tuple[Enrolment, ...]:
        """Confirm pending enrolments by who stands before the camera ``source``; checked as ``enrol_live`` does."""
        by = _marked(actor or self.actor, unsafe_recorded)
        seen = self._live(person_id(person), source, by, unsafe_recorded, tell)
        return self.enroller.confirm(
            by,
            person_id(person),
            seen.template,
            former=seen.former,
            distinct=distinct,
            may_see_duplicate=may_see_duplicate,
        )

    def follow(
        self, actor: Actor, person: PersonId, templates: Sequence[Template], captured_from: CapturedFrom
    ) -> None:
        """Let who was accepted come over to the model in use, if they have references of the former one alone."""
        if len(templates) > 1:
            with suppress(DoorwardError):  # the decision stands; they come by again
                self.enroller.follow(actor, person, templates[0], templates[1], captured_from)

    def _taken(self, photo: Photo) -> tuple[Capture, bytes | None]:
        """The face in a photo, and the photo itself where photos are kept."""
        taken = self.capture(photo)
        if not self.profiles.current().keep_photos:
            return taken, None
        return taken, photo if isinstance(photo, bytes) else Path(photo).read_bytes()

    def _live(self, person: PersonId, source: str, actor: Actor, unsafe_recorded: bool, tell: Tell) -> Seen:
        return capture_live(
            source,
            self.models,
            self.attack_guard,
            actor,
            person,
            former=self.succession.former_embedder(),
            unsafe_recorded=unsafe_recorded,
            tell=tell,
        )


def _marked(actor: Actor, unsafe_recorded: bool) -> Actor:
    return Actor(actor.name, f"{actor.purpose}, from a recording (unsafe)") if unsafe_recorded else actor


def person_id(person: Person | PersonId) -> PersonId:
    return person.id if isinstance(person, Person) else person
