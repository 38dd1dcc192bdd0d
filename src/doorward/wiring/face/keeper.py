"""The key keeper's process: `python -m doorward.wiring.face.keeper SITE [HOURS]`, the provider's key on its input."""

import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType

from doorward.adapters.keeper.calls import NAME
from doorward.adapters.keeper.server import GivenKey, KeeperServer
from doorward.adapters.key_holders import KeyHolder
from doorward.adapters.process import harden_process, lock_memory
from doorward.adapters.stores.keys.key_store import SqliteKeyStore
from doorward.adapters.system import SystemClock, SystemRandomness
from doorward.adapters.unix_socket.door import listening
from doorward.errors import DoorwardError
from doorward.kernel.audit import Actor
from doorward.vault.ports import KEY_LENGTH
from doorward.vault.site_keys import UnlockedSiteKeys
from doorward.wiring.face.opening import KEYS, open_keys, read_settings
from doorward.wiring.face.sealing import seal

_TIMER = Actor("key keeper", "the time that the site was unsealed for is over")


def keep(folder: Path, provider_key: bytes, hours: float | None) -> None:
    """Hold the site's key until SIGTERM, or for ``hours``; says on the standard output when it can be asked."""
    settings = read_settings(folder)
    place = (folder / KEYS).parent
    holder = KeyHolder(place)
    engine = open_keys(folder)
    store = SqliteKeyStore(engine)
    site_keys = UnlockedSiteKeys(settings.site, store, GivenKey(provider_key), SystemClock(), SystemRandomness())
    server = KeeperServer(settings.site, site_keys, store)
    with listening(place / NAME) as listener:

        def end(_number: int, _frame: FrameType | None) -> None:
            listener.shutdown(socket.SHUT_RDWR)

        def expire() -> None:
            seal(folder, settings, _TIMER)
            listener.shutdown(socket.SHUT_RDWR)

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        if hours is not None:
            timer = threading.Timer(hours * 3600, expire)
            timer.daemon = True
            timer.start()
        sys.stdout.write("ready\n")
        sys.stdout.close()
        server.serve(listener)
    server.end()
    engine.dispose()
    holder.let_go()


def main() -> int:
    harden_process()
    lock_memory()
    folder, *hours = sys.argv[1:]
    provider_key = sys.stdin.buffer.read(KEY_LENGTH)
    try:
        keep(Path(folder), provider_key, float(hours[0]) if hours else None)
    except DoorwardError as error:
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
