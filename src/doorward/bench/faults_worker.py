"""Works on a site until it is killed or its disk fails, and tells each act before it begins and after it is done.

Run as a process. Each line on standard input is one round; a child of its own does it, since imports cost a second.
A round with a ``point`` is one act, cut short at that call of the child's; the others go on until a signal comes.
"""

import json
import os
import random
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from doorward.bench.faults_acts import BY_NAME, Acts
from doorward.bench.faults_injection import Failing, fail_from_now
from doorward.bench.faults_supervision import Call, Fault, Point, submit, supervise
from doorward.errors import DoorwardError
from doorward.wiring.face.keys import Renewable
from doorward.wiring.face.restoring import BackupSet, restore
from doorward.wiring.face.site import open_site

RESTORE = "restore"
MOST_PEOPLE = 8
"""Beyond it somebody is erased first, so that a round stays short."""

_SECONDS_LEFT = 30
"""How long a process may go on after its disk began to fail."""


def _go_on(acts: Acts, chance: random.Random) -> NoReturn:
    def rotate() -> None:
        acts.rotate(chance.choice([Renewable.SITE, Renewable.GRANTS, Renewable.AUDIT_SIGNING]))

    others = (acts.withdraw, acts.permit, acts.pair, acts.erase, acts.rotate_person, rotate, acts.back_up)
    while True:
        choices: list[Callable[[], None]] = [acts.enrol]
        if acts.known:
            choices = [acts.erase] if len(acts.known) > MOST_PEOPLE else [*[acts.enrol] * 3, *others]
        chance.choice(choices)()


def _work(site: str, backups: str, recipient: str, first: int, seed: int, failing: str | None) -> None:
    def fail(*_: object) -> None:
        signal.alarm(_SECONDS_LEFT)
        if failing is None or not fail_from_now(Failing(failing)):
            os.kill(os.getpid(), signal.SIGKILL)

    signal.signal(signal.SIGUSR1, fail)
    _say("child", os.getpid())
    chance = random.Random(seed)  # noqa: S311 - it chooses acts and keeps no secret
    try:
        _go_on(Acts(open_site(site, lambda: ""), Path(backups), recipient, first, chance, _say), chance)
    except DoorwardError as error:
        _say("refused", error.code)


def _act(to: socket.socket, act: str, site: str, backups: str, recipient: str, first: int, seed: int) -> None:
    signal.alarm(_SECONDS_LEFT)
    try:
        if act == RESTORE:
            found = {kind: next(Path(backups).glob(f"doorward-{kind}-*")) for kind in ("data", "keys")}
            submit(to)
            restore(BackupSet(found["data"], found["keys"], Path(recipient)), Path(site), lambda: "")
            _say("done", RESTORE)
            return
        opened = open_site(site, lambda: "")
        chance = random.Random(seed)  # noqa: S311 - it chooses people and keeps no secret
        acts = Acts(opened, Path(backups), recipient, first, chance, _say)
        submit(to)
        BY_NAME[act](acts)
        opened.close()  # not when it was refused: what closing writes would cover what the refused act left
    except DoorwardError as error:
        _say("refused", error.code)


def _supervised(act: dict[str, Any], fault: str, calls: list[str], number: int) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            child = _raised(lambda: _act(theirs, **act))
        seen = supervise(ours, child, Point(Fault(fault), tuple(map(Call, calls)), number))
    _say("ended", os.waitpid(child, 0)[1], {call.value: seen[call] for call in Call})


def _raised(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:  # noqa: BLE001 - this process ends here, and its parent tells that it failed
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    return child


def _say(*words: object) -> None:
    print(json.dumps(words), flush=True)


def main() -> None:
    """One child a line, until there are no more."""
    for line in sys.stdin:
        told = json.loads(line)
        if "point" in told:
            _supervised(told["act"], **told["point"])
        else:
            child = _raised(lambda told=told: _work(**told))  # type: ignore[misc] # mypy infers no type of told
            _say("ended", os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
