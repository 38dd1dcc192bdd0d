"""The galleries of an open site: that of the model in use, and while it is needed that of the model before it."""

from collections.abc import Callable, Sequence
from pathlib import Path

from doorward.adapters.face.embedder_card import EmbedderCard
from doorward.adapters.galleries.face.compact import CompactGallery
from doorward.adapters.galleries.face.rolls import RowRolls, SnapshotRolls
from doorward.adapters.galleries.face.search_calls import GALLERY
from doorward.adapters.galleries.face.snapshot import snapshot_place
from doorward.adapters.stores.face.listened_changes import ListenedChanges, followed_changes
from doorward.face.template import Template
from doorward.identify.ports import Asker, Candidate
from doorward.identify.roster import Roster
from doorward.identify.searches import GatheredSearches
from doorward.wiring.face.host_gallery import HostGallery, OwnGallery
from doorward.wiring.face.opening import Stores
from doorward.wiring.face.profile import Profiles
from doorward.wiring.face.succession import Succession

_FORMER = "former-gallery"


class SiteSearches:
    """``Searches`` of each probe among the templates of its own model."""

    def __init__(self, own: HostGallery, former: HostGallery, succession: Succession) -> None:
        self._own = own
        self._former = former
        self._succession = succession

    def lend(self) -> None:
        """As ``HostGallery``, of both."""
        self._own.lend()
        self._former.lend()

    def pull_up(self) -> None:
        for gallery in self._needed():
            gallery.pull_up()

    def search(self, asker: Asker, probe: Template, group: str, limit: int) -> Sequence[Candidate]:
        card = self._succession.card
        is_former = card is not None and probe.origin.model == card.model
        return (self._former if is_former else self._own).search(asker, probe, group, limit)

    def count(self, group: str) -> int:
        """Of both together: nobody is in two."""
        return sum(gallery.count(group) for gallery in self._needed())

    def close(self) -> None:
        self._own.close()
        self._former.close()

    def _needed(self) -> Sequence[HostGallery]:
        return (self._own, self._former) if self._succession.is_needed() else (self._own,)


def site_searches(
    folder: Path,
    stores: Stores,
    profiles: Profiles,
    embedder: Callable[[], EmbedderCard],
    succession: Succession,
) -> SiteSearches:
    """``folder``: of the site. Loaded in the identify profile and never else, when a search first needs it."""

    def model() -> str:
        return embedder().model

    def former() -> str:
        return succession.card.model if succession.card else ""

    def load() -> OwnGallery:
        return loaded(GALLERY, model(), None)

    def load_former() -> OwnGallery:
        return loaded(_FORMER, former(), model())

    def loaded(name: str, of: str, successor: str | None) -> OwnGallery:
        profiles.current().require_identification()
        gallery, changes = CompactGallery(), followed_changes(stores.data)
        rolls: RowRolls | SnapshotRolls
        if stores.keys_here is None:
            rolls = RowRolls(stores.data, stores.vault, of, successor)
        else:
            place = snapshot_place(folder, name)
            rolls = SnapshotRolls(place, stores.data, stores.vault, stores.randomness, gallery, of, successor)

        def close() -> None:
            rolls.close()
            changes.close()

        roster = Roster(
            gallery,
            stores.people,
            stores.consents,
            stores.enrolments,
            changes,
            stores.vault.clock,
            rolls,
            of,
            successor,
        )
        wait = changes.wait if isinstance(changes, ListenedChanges) else None
        return OwnGallery(GatheredSearches(gallery, roster.refresh), close, wait)

    place = (stores.holder.folder, stores.vault.site)
    return SiteSearches(HostGallery(*place, model, load), HostGallery(*place, former, load_former, _FORMER), succession)
