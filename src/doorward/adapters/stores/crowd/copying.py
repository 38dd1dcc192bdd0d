"""A crowd's figures in PostgreSQL copied into a file, as a site without PostgreSQL has them."""

from pathlib import Path

from doorward.adapters.stores.crowd.opening import open_crowd
from doorward.adapters.stores.crowd.place import VERSIONS
from doorward.adapters.stores.crowd.tables import metadata
from doorward.adapters.stores.database import closing_pool, writing
from doorward.adapters.stores.row_copying import copy_all
from doorward.adapters.stores.sqlite import fold_into_one_file, open_sqlite


def copy_into_file(site: Path, store: str, copy: Path) -> Path:
    """The figures at the URL ``store`` as they are at one moment, in the new file ``copy``."""
    with (
        closing_pool(open_crowd(site, store)) as engine,
        closing_pool(open_sqlite(copy, VERSIONS)) as target,
        engine.connect() as source,
        writing(target) as connection,
    ):
        copy_all(source, connection, metadata)
    fold_into_one_file(copy)
    copy.chmod(0o600)
    return copy
