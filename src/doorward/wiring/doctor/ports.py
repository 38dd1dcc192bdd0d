"""The network sockets that Doorward's own processes wait at, and what each says to whoever shows no credential."""

import os
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from doorward.adapters.listeners import Listener, listeners
from doorward.adapters.ports import Answer, first_answer
from doorward.adapters.processes import PROC, own_processes
from doorward.wiring.doctor.finding import Finding, Severity

GUARDED = "/v1/people"
"""A route that every server of Doorward's refuses to whoever shows no credential."""

SECONDS = 0.5
"""For each step of a question to a port of this machine."""
_AT_ONCE = 16


def check_listeners(proc: Path = PROC, servers: Collection[tuple[str, int]] = ()) -> Iterator[Finding]:
    """Each socket of each of our processes, and whether it answers without a credential.

    ``servers``: hosts and ports that are looked at more closely already. Nothing where the system has no /proc.
    """
    shown = {process.id: listeners(process.id, proc) for process in own_processes(proc)}
    if hidden := [number for number, sockets in shown.items() if sockets is None]:
        yield Finding(
            "processes-hidden",
            Severity.NOTE,
            f"The system hides what {', '.join(f'process {number}' for number in hidden)} holds from this user.",
            "A secret in its environment, or a port that it opened, would not be found.",
            "Run the doctor as root too.",
        )
    sockets = [one for held in shown.values() for one in held or () if not _is_at(one, servers)]
    # A server that forks, or threads that share a socket, show it more than once.
    sockets = list({(one.protocol, one.host, one.port, one.is_reachable): one for one in reversed(sockets)}.values())
    with ThreadPoolExecutor(_AT_ONCE) as tried:
        for listener, answer in zip(sockets, tried.map(_answer, sockets), strict=True):
            yield from _judged(listener, answer)


def check_own_listeners(proc: Path = PROC) -> Iterator[Finding]:
    """What this process waits at before it serves anything: there is nothing that it should."""
    for listener in listeners(os.getpid(), proc) or ():
        yield from _judged(listener, _answer(listener))


def _is_at(listener: Listener, servers: Collection[tuple[str, int]]) -> bool:
    return listener.is_reachable and (str(listener.host), listener.port) in servers


def _answer(listener: Listener) -> Answer:
    if listener.protocol == "UDP" or not listener.is_reachable:
        return Answer.SILENCE
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(str(listener.host), str(listener.host))  # noqa: S104 - compared with, not bound to
    return first_answer(host, listener.port, GUARDED, SECONDS)


def _judged(listener: Listener, answer: Answer) -> Iterator[Finding]:
    reach = "on this machine" if listener.is_for_this_machine else "for other machines too"
    what = f"Process {listener.process} listens at {listener}, {reach}"
    if answer is Answer.ANYTHING:
        yield Finding(
            "open-port",
            Severity.CRITICAL,
            f"{what}, and answers whoever shows no credential.",
            "A debugger or a console there reads keys and templates from memory, and every local program reaches it.",
            "Start Doorward without what listens there; replace the site's key if others could reach it.",
        )
    elif answer is Answer.SILENCE:
        yield Finding(
            "unknown-port",
            Severity.WARNING,
            f"{what}, and does not say what it is.",
            "Doorward opens no port but its server's; what is open beside it, nobody looks after.",
            "Find out what opened it (ss -tulpn), and start Doorward without that.",
        )
    elif not listener.is_for_this_machine:
        yield Finding(
            "listens-beyond-this-machine",
            Severity.NOTE,
            f"{what}.",
            "Each address that answers is found by scanners within hours.",
            "Listen on 127.0.0.1 unless other machines need it, and let a firewall name them.",
        )
