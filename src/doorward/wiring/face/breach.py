"""The breach test: known people are planted, and all that a thief could have is searched for what is known of them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from doorward.adapters.file_search import SHORTEST, Finding, Needle, Progress, search_folder
from doorward.errors import DoorwardError, InternalError, WrongUse
from doorward.settings.site import KeyFileSettings
from doorward.wiring.face.breach_canaries import planted
from doorward.wiring.face.breach_export import in_transit
from doorward.wiring.face.breach_loot import (
    Channel,
    Loot,
    Unseen,
    add_core_dump,
    look_at_processes,
    piles_of,
    search_piles,
)
from doorward.wiring.face.breach_server import Served, served_and_crashed
from doorward.wiring.face.breach_statistics import Statistics, compare_two_sites
from doorward.wiring.face.needles import ENCODINGS, needles_for_photo, needles_for_text, needles_for_vector
from doorward.wiring.face.opening import MODELS
from doorward.wiring.face.site import Site

__all__ = ["BreachOutcome", "known_needles", "planted", "run_breach_test"]


@dataclass(frozen=True, slots=True)
class BreachOutcome:
    """``values`` distinct values were searched for in ``encodings`` encodings, in every channel."""

    values: int
    encodings: int
    channels: tuple[Channel, ...]
    unseen: tuple[Unseen, ...]
    statistics: Statistics

    @property
    def files(self) -> int:
        return sum(channel.files for channel in self.channels)

    @property
    def bytes(self) -> int:
        return sum(channel.bytes for channel in self.channels)

    @property
    def found(self) -> tuple[Finding, ...]:
        return tuple(finding for channel in self.channels for finding in channel.found)

    @property
    def held(self) -> bool:
        """Whether nothing was found, and nothing tells two sites apart."""
        return not self.found and not self.statistics.telling


def run_breach_test(
    site: Site,
    server: Sequence[str],
    *,
    further: Sequence[Needle] = (),
    also: Sequence[Path] = (),
    passphrase: str | None = None,
    progress: Progress = lambda _done, _all: None,
) -> BreachOutcome:
    """Plant canaries through the site's own doors, search all that a thief could have for them, erase them again.

    ``server``: the command that serves a site, to be tried on a throwaway one. ``further``: values of real people to
    search for as well. ``also``: further files and folders; ``WrongUse`` for one that is not there. ``passphrase``:
    the site's, if it has one. The search is first tried on a file that holds every value in the clear:
    ``InternalError`` when it misses one there.
    """
    if missing := [path for path in also if not path.exists()]:
        raise WrongUse(f"{missing[0]} is not there; name a file or folder that is.")
    statistics = compare_two_sites()
    with planted(site) as canaries, ExitStack() as stack:
        known = [needle for canary in canaries for needle in canary.needles()]
        known += _secrets(site, passphrase)
        loot = Loot()
        served = _serve(stack, site, server, loot, known, further)
        needles = [*known, *further, *(served.needles if served else ())]
        _try_the_search(needles)
        on_its_way = stack.enter_context(in_transit(site, [canary.person.id for canary in canaries]))
        search_piles([*piles_of(site, also, served, loot), on_its_way], needles, loot, progress)
        if served is not None and served.dumped:
            add_core_dump(loot)
    loot.unseen.append(Unseen("freed blocks of the disk", "no file system shows what it has freed; encrypt the disk"))
    values = {needle.value for needle in needles}
    return BreachOutcome(len(values), len(ENCODINGS), tuple(loot.channels), tuple(loot.unseen), statistics)


def known_needles(site: Site, texts: Sequence[str], photos: Sequence[Path]) -> list[Needle]:
    """What else to search for: texts, and photos with the templates that the site's model makes of them."""
    needles: list[Needle] = []
    for number, text in enumerate(texts, 1):
        made = list(needles_for_text(f"text {number}", text))
        if not made:
            raise WrongUse(f"A text of fewer than {SHORTEST} bytes is found in any file by chance; give a longer one.")
        needles += made
    for number, photo in enumerate(photos, 1):
        needles += needles_for_vector(f"template from photo {number}", site.capture(photo).template.vector)
        needles += needles_for_photo(f"photo {number}", photo.read_bytes())
    return needles


def _secrets(site: Site, passphrase: str | None) -> Iterator[Needle]:
    """What opens the site, and must lie in nothing that is taken."""
    if passphrase is not None:
        yield from needles_for_text("passphrase of the site", passphrase)
    if isinstance(site.settings.key, KeyFileSettings):
        yield from needles_for_text("key of the site", site.settings.key.path.read_text(encoding="ascii").strip())


def _serve(
    stack: ExitStack, site: Site, server: Sequence[str], loot: Loot, known: Sequence[Needle], further: Sequence[Needle]
) -> Served | None:
    """A throwaway site served and crashed; while it is served, the processes are looked at."""

    def look(needles: Sequence[Needle]) -> None:
        look_at_processes(loot, [*known, *needles], further)

    try:
        return stack.enter_context(served_and_crashed(server, site.settings, site.folder / MODELS, look))
    except DoorwardError as error:
        loot.unseen.append(Unseen("log, files and core dump of a served site", error.message))
        look_at_processes(loot, known, further)
        return None


def _try_the_search(needles: Sequence[Needle]) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "plain").write_bytes(b"\n".join(needle.octets for needle in needles))
        found = {(finding.value, finding.encoding) for finding in search_folder(Path(folder), needles).findings}
    if found != {(needle.value, needle.encoding) for needle in needles}:
        raise InternalError("The search missed a value that lay in the clear, so its answer would be worth nothing.")
