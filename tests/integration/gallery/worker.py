"""A process of its own that searches a site: `worker.py SITE PASSPHRASE_FILE ROLE`, told on its input for which face.

A line in: the seed of a face, which it searches for until the next line comes. A line out: of one search, when it
began and ended by the clock that all processes of the machine share, and whom it named; or `stopped`.
"""

import json
import select
import sys
import time
from pathlib import Path

from doorward.identify.identification import Group
from doorward.kernel.audit import Actor
from doorward.people.person import EVERYONE
from doorward.wiring.face.site import Site, open_site
from known_people import face

DOOR = Group("north", EVERYONE)


def search_for(site: Site, seed: int) -> None:
    while not select.select([sys.stdin], [], [], 0)[0]:
        begun = time.monotonic()
        decision = site.identifier.identify(
            Actor("worker", "test"),
            DOOR,
            face(seed),
            is_member=lambda person: site.memberships.is_member(person, EVERYONE),
        )
        print(json.dumps([begun, time.monotonic(), decision.person]), flush=True)


def main() -> None:
    folder, passphrase, role = sys.argv[1:]
    with open_site(folder, lambda: Path(passphrase).read_text().strip()) as site:
        if role == "lends":
            site.searches.lend()
        site.searches.pull_up()
        print("ready", flush=True)
        while line := sys.stdin.readline():
            search_for(site, int(line))
            sys.stdin.readline()
            print("stopped", flush=True)


if __name__ == "__main__":
    main()
