"""A key keeper in a thread of this process, reached through its real socket."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doorward.adapters.keeper.calls import NAME
from doorward.adapters.keeper.client import Keeper
from doorward.adapters.keeper.server import KeeperServer
from doorward.adapters.unix_socket.door import listening
from doorward.kernel.ids import SiteId
from doorward.vault.ports import KeyStore
from doorward.vault.site_keys import UnlockedSiteKeys


@contextmanager
def kept(site: SiteId, site_keys: UnlockedSiteKeys, store: KeyStore, folder: Path) -> Iterator[Keeper]:
    with listening(folder / NAME) as listener:
        server = KeeperServer(site, site_keys, store)
        serving = threading.Thread(target=server.serve, args=(listener,))
        serving.start()
        keeper = Keeper.of(folder, site)
        assert keeper is not None
        yield keeper
        keeper.close()
        listener.shutdown(socket.SHUT_RDWR)
        serving.join()
