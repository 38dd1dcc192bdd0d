"""The model before the one in use: run beside it for as long as somebody has references of it alone."""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from threading import Lock

from doorward.adapters.face.embedder_card import EmbedderCard
from doorward.adapters.stores.face.model_census import ModelCensus, ModelsOf, models_of
from doorward.face.ports import FaceEmbedder
from doorward.face.thresholds import ThresholdsOf
from doorward.kernel.ids import PersonId
from doorward.settings.embedders import embedder_card
from doorward.settings.site import SiteSettings
from doorward.wiring.face.models import load_face_models
from doorward.wiring.face.opening import MODELS, Stores

Waits = Callable[[], bool]
"""Whether somebody who was seen to need the former model does so still."""

_KIND, _NAME = "setting", "model that nobody waits with"


class Succession:
    """Both models make a template of every face meanwhile, and those of one are never compared with the other's.

    ``embedder``: the card of the model in use.
    """

    def __init__(
        self,
        folder: Path,
        settings: SiteSettings,
        stores: Stores,
        embedder: Callable[[], EmbedderCard],
        thresholds: ThresholdsOf,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._stores = stores
        self._embedder = embedder
        self._thresholds = thresholds
        self._census = ModelCensus(stores.data, stores.vault)
        self._alone = Lock()
        self._is_over: bool | None = None
        self._last_seen: Waits | None = None
        self._others = self._whoever_waits()

    @cached_property
    def card(self) -> EmbedderCard | None:
        """Of the former model, if the settings name one; ``NotFound`` or ``WrongUse`` when its card is not right."""
        name = self._settings.former_embedder
        return None if name is None else embedder_card(self._folder / MODELS, name)

    def is_needed(self) -> bool:
        """Whether somebody has references of the former model alone, or carries a credential with one.

        Asks about the one who was last seen to; only when they have come over or gone, looks for the next. That nobody
        is left is kept for as long as the site is opened with these two models, for looking takes as long as there are
        people, and nobody comes to have such references then.
        """
        with self._alone:
            if self._is_over is None:
                self._is_over = self._was_over()
            if self._is_over:
                return False
            if self._last_seen is None or not self._last_seen():
                self._last_seen = next((waits for waits in self._others if waits()), None)
            self._is_over = self._last_seen is None
            if self._is_over:
                self._stores.grants.put(_KIND, _NAME, self._models())
            return not self._is_over

    def former_embedder(self) -> FaceEmbedder | None:
        """``None`` while it is not needed; ``WrongUse`` or ``ModelMissing`` without its thresholds or its file."""
        if self.card is None or not self.is_needed():
            return None
        self._thresholds(self.card.model)
        return load_face_models(self._folder / MODELS, self._settings.models, embedder=self.card).embedder

    def lacking(self) -> list[ModelsOf]:
        """Everybody with references and none that count of the model in use; takes as long as there are people.

        If somebody waits after all, enrolled by a process that ran on with the former settings, that is noticed.
        """
        model = self._embedder().model
        found = [one for one in self._census.read() if one.lack(model)]
        if self.card is not None and any(one.wait_for(self.card.model, model) for one in found):
            self._stores.grants.remove(_KIND, _NAME)
        return found

    def carrying(self) -> int:
        """How many carry a credential that may hold a template of the former model."""
        now = self._stores.vault.clock.now()
        carried = self._stores.credentials.all() if self.card else ()
        return sum(one.may_be_of(self.card.model, now) for one in carried if self.card)

    def _was_over(self) -> bool:
        held = self._stores.grants.get(_KIND, _NAME)
        if held is not None and held != self._models():
            self._stores.grants.remove(_KIND, _NAME)
        return self.card is None or held == self._models()

    def _whoever_waits(self) -> Iterator[Waits]:
        if self.card is None:
            return
        former, model, stores = self.card.model, self._embedder().model, self._stores
        for one in self._census.read():
            if one.wait_for(former, model):
                yield partial(self._has_references, one.person, former, model)
        for issued in list(stores.credentials.all()):
            yield partial(self._carries, issued.person, former)

    def _has_references(self, person: PersonId, former: str, model: str) -> bool:
        return models_of(person, self._stores.enrolments.of(person)).wait_for(former, model)

    def _carries(self, person: PersonId, former: str) -> bool:
        issued = self._stores.credentials.of(person)
        return issued is not None and issued.may_be_of(former, self._stores.vault.clock.now())

    def _models(self) -> dict[str, str | None]:
        return {"former": self.card.model if self.card else None, "successor": self._embedder().model}
