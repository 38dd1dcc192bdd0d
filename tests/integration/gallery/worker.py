"""A process of its own that searches a site: `worker.py SITE PASSPHRASE_FILE`, told on its input what to do.

Each line in: the seconds for which to search for the face that is on disk. Each line out: what it found, and when each
search began and ended by the clock that all processes of the machine share.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from doorward.identify.identification import Group
from doorward.kernel.audit import Actor
from doorward.people.person import EVERYONE
from doorward.wiring.face.site import Site, open_site
from known_people import face

DOOR = Group("north", EVERYONE)


def search_for(site: Site, seconds: float, seed: int) -> list[tuple[float, float, str | None]]:
    ends, found = time.monotonic() + seconds, []
    while (begun := time.monotonic()) < ends:
        decision = site.identifier.identify(
            Actor("worker", "test"),
            DOOR,
            face(seed),
            is_member=lambda person: site.memberships.is_member(person, EVERYONE),
        )
        found.append((begun, time.monotonic(), decision.person))
    return found


def main() -> None:
    np.seterr(all="raise")
    folder, passphrase, role = sys.argv[1:]
    with open_site(folder, lambda: Path(passphrase).read_text().strip()) as site:
        if role == "lends":
            site.searches.lend()
        site.searches.pull_up()
        print("ready", flush=True)
        for line in sys.stdin:
            seconds, seed = line.split()
            print(json.dumps(search_for(site, float(seconds), int(seed))), flush=True)


if __name__ == "__main__":
    main()
