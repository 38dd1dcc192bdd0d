"""The gallery of an open site, as its processes share it."""

from collections.abc import Callable

from doorward.adapters.face.embedder_card import SFACE_EMBEDDER, EmbedderCard
from doorward.adapters.galleries.face.compact import CompactGallery
from doorward.adapters.galleries.face.rolls import RowRolls, SnapshotRolls
from doorward.adapters.stores.face.changes import WatchedChanges
from doorward.identify.roster import Roster
from doorward.identify.searches import GatheredSearches
from doorward.wiring.face.host_gallery import HostGallery, OwnGallery
from doorward.wiring.face.opening import Stores
from doorward.wiring.face.profile import Profiles


def site_gallery(
    stores: Stores, rolls: SnapshotRolls, profiles: Profiles, embedder: Callable[[], EmbedderCard]
) -> HostGallery:
    """In memory only; loaded in the identify profile and never else, when a search first needs it."""

    def load() -> OwnGallery:
        profiles.current().require_identification()
        model = embedder().model
        gallery, changes = CompactGallery(), WatchedChanges(stores.data)
        roster = Roster(
            gallery,
            stores.people,
            stores.consents,
            stores.enrolments,
            changes,
            stores.vault.clock,
            rolls if model == SFACE_EMBEDDER.model else RowRolls(stores.data, stores.vault, model),
            model,
        )
        return OwnGallery(GatheredSearches(gallery, roster.refresh), changes.close)

    return HostGallery(stores.holder.folder, stores.vault.site, lambda: embedder().model, load)
