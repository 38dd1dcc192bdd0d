"""Models loaded once a process, whichever site asks for them."""

from collections.abc import Callable, Hashable, Iterable
from threading import Lock
from typing import Generic, TypeVar

from doorward.adapters.models.card import ModelCard
from doorward.adapters.models.library import ModelPlaces

Loaded = TypeVar("Loaded")


class LoadedOnce(Generic[Loaded]):
    """What was built of models, by whatever tells one such thing from another."""

    def __init__(self) -> None:
        self._built: dict[Hashable, Loaded] = {}
        self._one_at_a_time = Lock()

    def get(
        self, what: Hashable, places: ModelPlaces, cards: Iterable[ModelCard], build: Callable[[], Loaded]
    ) -> Loaded:
        """What ``build`` gives, which verifies the files of ``cards`` as it reads them; the second time the same.

        Then too the files in ``places`` are checked: ``ModelMissing`` or ``ModelRefused``.
        """
        with self._one_at_a_time:
            if what not in self._built:
                self._built[what] = build()
                return self._built[what]
        for card in cards:
            places.read(card)
        return self._built[what]
