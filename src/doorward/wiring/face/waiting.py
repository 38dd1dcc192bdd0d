"""Who has no reference of the model in use, and whether the one before it is needed for somebody still."""

from collections.abc import Sequence
from dataclasses import dataclass

from doorward.kernel.audit import Actor
from doorward.people.person import Person
from doorward.wiring.face.site import Site


@dataclass(frozen=True, slots=True)
class Waiting:
    """``models``: those that made the person's references. ``comes_over``: by coming by, for the former model serves
    them meanwhile; else they are refused, and have to be enrolled again.
    """

    person: Person
    models: Sequence[str]
    comes_over: bool


@dataclass(frozen=True, slots=True)
class WaitingList:
    """By display name. ``carrying``: how many carry a credential that may be of the ``former`` model."""

    waiting: Sequence[Waiting]
    embedder: str
    former: str | None
    carrying: int

    @property
    def former_can_be_dropped(self) -> bool:
        return self.former is not None and not self.carrying and not any(one.comes_over for one in self.waiting)


def who_waits(site: Site, actor: Actor) -> WaitingList:
    """The look at the list of people is recorded. Takes as long as there are people."""
    everybody = site.register.list(actor)
    card = site.succession.card
    lacking = {one.person: one for one in site.succession.lacking()}
    waiting = [
        Waiting(
            person,
            sorted(lacking[person.id].confirmed | lacking[person.id].pending),
            card is not None and lacking[person.id].wait_for(card.model, site.embedder.model),
        )
        for person in everybody
        if person.id in lacking
    ]
    carrying = site.succession.carrying()
    return WaitingList(waiting, site.settings.embedder, site.settings.former_embedder, carrying)
