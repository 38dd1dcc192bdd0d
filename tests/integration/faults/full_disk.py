"""Does each act on a disk with less and less room, and prints what was found afterwards as one line of JSON.

Run with a folder and the way: ``limit`` lets no file grow beyond a size (setrlimit(2)); ``disk`` mounts a small file
system of its own over the folder, which takes a mount namespace of one's own (``unshare --mount``), and fills it.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doorward.bench.faults import nursery
from doorward.bench.faults_acts import BY_NAME
from doorward.bench.faults_sweep import NOWHERE, Stage
from doorward.bench.faults_worker import RESTORE

SIZE = 32 << 20
LIMITS = (50_000,)
"""Bytes a file: enough to open the site, and for some acts."""

ROOMS = (90_000, 150_000)
"""Bytes left on the disk: enough to open the site, and for some acts."""


def mounted(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], check=True)


def main(folder: Path, way: str) -> None:
    if way == "disk":
        mounted(folder)
    tally = {"refused": 0, "acknowledged": 0}
    sentences = []
    with nursery() as children:
        stage = Stage(folder, children, 1)

        @contextmanager
        def limited(octets: int) -> Iterator[None]:
            hard = resource.prlimit(children.process, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(children.process, resource.RLIMIT_FSIZE, (octets, hard))
            yield
            resource.prlimit(children.process, resource.RLIMIT_FSIZE, (hard, hard))

        @contextmanager
        def filled(octets: int) -> Iterator[None]:
            filler = folder / "filler"
            with filler.open("wb", buffering=0) as file:
                try:
                    while file.write(bytes(1 << 16)):
                        pass
                except OSError:
                    file.truncate(max(0, file.tell() - octets))
            yield
            filler.unlink()

        squeeze, steps = (filled, ROOMS) if way == "disk" else (limited, LIMITS)
        for act in (*BY_NAME, RESTORE):
            for octets in steps:
                stage.put_back()
                with squeeze(octets):
                    lines = list(stage.cut_short(act, NOWHERE))
                told, faults = stage.examine(act, lines)
                tally["acknowledged" if told.acknowledged else "refused"] += 1
                found = faults.lost | faults.half_done | (set() if faults.log_ok else {"The log does not verify."})
                sentences += [f"{act}, {octets}: {sentence}" for sentence in sorted(found)]
    print(json.dumps({**tally, "found": sentences}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
