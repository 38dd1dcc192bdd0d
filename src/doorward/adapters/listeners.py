"""The network sockets that processes wait at: /proc/PID/net and /proc/PID/fd, as Linux shows them (proc(5))."""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from doorward.adapters.processes import PROC

_LISTENING = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}
"""Table of sockets, and the state of those that take what anybody sends: TCP_LISTEN, and unconnected for UDP."""
_SOCKET = re.compile(r"socket:\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Listener:
    """One socket that ``process`` waits at, of ``protocol`` TCP or UDP."""

    process: int
    protocol: str
    host: IPv4Address | IPv6Address
    port: int
    is_reachable: bool
    """Whether it is in our own network, so that it can be tried: another container's is not."""

    @property
    def is_for_this_machine(self) -> bool:
        return self.host.is_loopback

    def __str__(self) -> str:
        return f"{f'[{self.host}]' if self.host.version == 6 else self.host}:{self.port} ({self.protocol})"


def listeners(process: int, proc: Path = PROC) -> tuple[Listener, ...] | None:
    """The sockets of ``process``; ``None`` where the system hides them from this user."""
    folder = proc / str(process)
    try:
        held = {found[1] for link in (folder / "fd").iterdir() if (found := _SOCKET.fullmatch(_target(link)))}
    except OSError:
        return None
    network = _target(folder / "ns/net")
    is_reachable = network == _target(proc / str(os.getpid()) / "ns/net")
    return tuple(
        Listener(process, table[:3].upper(), host, port, is_reachable)
        for table, state in _LISTENING.items()
        for inode, host, port in _rows(folder / "net" / table, state)
        if inode in held
    )


def _rows(table: Path, state: str) -> Iterator[tuple[str, IPv4Address | IPv6Address, int]]:
    try:
        lines = table.read_text(encoding="ascii", errors="replace").splitlines()[1:]
    except OSError:  # no IPv6, or a process that has just ended
        return
    for line in lines:
        fields = line.split()
        host, _, port = fields[1].partition(":")
        if fields[3] == state and int(port, 16):
            yield fields[9], _address(host), int(port, 16)


def _address(digits: str) -> IPv4Address | IPv6Address:
    """The kernel writes each 32 bits as a number of this machine."""
    words = (bytes.fromhex(digits[start : start + 8]) for start in range(0, len(digits), 8))
    octets = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
    if len(octets) == 4:
        return IPv4Address(octets)
    return IPv6Address(octets).ipv4_mapped or IPv6Address(octets)


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:  # closed meanwhile
        return ""
