"""Ways to find the nearest of many templates, each as Doorward does it or as plainly as its library does."""

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np

from doorward.bench.identify_probes import Matrix, nearest_in
from doorward.settings.environment import bench_database

_NEIGHBOURS = 32
"""HNSW's M in faiss; its other settings are faiss' own, but for a search as deep as below."""

_DEPTH = 128
_AT_ONCE = 65_536


class Finder(Protocol):
    """People are numbered as they come. Made empty in ``folder``, where ``save`` writes and ``load`` reads it."""

    can_remove: bool

    def __init__(self, folder: Path, dimensions: int, threads: int) -> None: ...

    def add_many(self, vectors: Matrix) -> None:
        """(people, dimensions), which it may overwrite."""
        ...

    def save(self) -> None:
        """Finish, and write down what a process of its own starts from."""
        ...

    def load(self) -> None: ...

    def find(self, probe: Matrix) -> int:
        """The number of who is nearest."""
        ...

    def find_many(self, probes: Matrix) -> list[int]: ...

    def add(self, vector: Matrix) -> None: ...

    def remove(self, number: int) -> None: ...


class Numpy:
    """One matrix and one product."""

    can_remove = True

    def __init__(self, folder: Path, dimensions: int, threads: int) -> None:
        self._file = folder / "numpy.npy"
        self._parts: list[Matrix] = []
        self._vectors: Matrix = np.zeros((0, dimensions), np.float32)

    def add_many(self, vectors: Matrix) -> None:
        self._parts.append(vectors)

    def save(self) -> None:
        np.save(self._file, np.concatenate(self._parts))

    def load(self) -> None:
        self._vectors = np.load(self._file)

    def find(self, probe: Matrix) -> int:
        return int((self._vectors @ probe).argmax())

    def find_many(self, probes: Matrix) -> list[int]:
        best, found = np.full(len(probes), -2, np.float32), np.zeros(len(probes), np.int64)
        for start in range(0, len(self._vectors), _AT_ONCE):
            nearest, scores = nearest_in(self._vectors[start : start + _AT_ONCE], probes)
            better = scores > best
            best[better], found[better] = scores[better], start + nearest[better]
        return found.tolist()

    def add(self, vector: Matrix) -> None:
        self._vectors = np.concatenate([self._vectors, vector[None]])

    def remove(self, number: int) -> None:
        self._vectors[number] = 0


class FaissFlat:
    """faiss, comparing with each."""

    can_remove = True

    def __init__(self, folder: Path, dimensions: int, threads: int) -> None:
        faiss.omp_set_num_threads(threads)
        self._file = str(folder / "faiss.index")
        self._index = self._made(dimensions)

    def add_many(self, vectors: Matrix) -> None:
        self._index.add(vectors)

    def save(self) -> None:
        faiss.write_index(self._index, self._file)

    def load(self) -> None:
        self._index = faiss.read_index(self._file)

    def find(self, probe: Matrix) -> int:
        return self.find_many(probe[None])[0]

    def find_many(self, probes: Matrix) -> list[int]:
        return [int(number) for number in self._index.search(probes, 2)[1][:, 0]]

    def add(self, vector: Matrix) -> None:
        self._index.add(vector[None])

    def remove(self, number: int) -> None:
        self._index.remove_ids(np.array([number]))

    def _made(self, dimension: int) -> Any:
        return faiss.IndexFlatIP(dimension)


class FaissHnsw(FaissFlat):
    """faiss' graph, out of which nobody can be taken."""

    can_remove = False

    def _made(self, dimension: int) -> Any:
        index = faiss.IndexHNSWFlat(dimension, _NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efSearch = _DEPTH
        return index


class Usearch:
    """usearch's graph, with its own settings."""

    can_remove = True

    def __init__(self, folder: Path, dimensions: int, threads: int) -> None:
        index: Any = importlib.import_module("usearch.index")
        self._index = index.Index(ndim=dimensions, metric="ip")
        self._file = str(folder / "usearch.index")
        self._threads = threads
        self._people = 0

    def add_many(self, vectors: Matrix) -> None:
        numbers = np.arange(self._people, self._people + len(vectors))
        self._people += len(vectors)
        self._index.add(numbers, vectors, threads=self._threads)

    def save(self) -> None:
        self._index.save(self._file)

    def load(self) -> None:
        self._index.load(self._file)
        self._people = len(self._index)

    def find(self, probe: Matrix) -> int:
        return self._number(self._index.search(probe, 2, threads=1).keys)

    def find_many(self, probes: Matrix) -> list[int]:
        found = self._index.search(probes, 2, threads=self._threads).keys
        return [self._number(keys) for keys in found]

    def add(self, vector: Matrix) -> None:
        self.add_many(vector[None])

    def remove(self, number: int) -> None:
        self._index.remove(number)

    def _number(self, keys: Any) -> int:
        return int(keys[0]) if len(keys) else -1


class SqliteVec:
    """SQLite's extension, comparing with each; a database on disk."""

    can_remove = True

    def __init__(self, folder: Path, dimensions: int, threads: int) -> None:
        apsw: Any = importlib.import_module("apsw")
        self._database = apsw.Connection(str(folder / "vectors.db"))
        self._database.enable_load_extension(True)  # noqa: FBT003 - apsw takes it by place
        self._database.load_extension(importlib.import_module("sqlite_vec").loadable_path())
        self._database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        self._database.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS people USING vec0(vector float[{dimensions}] distance_metric=cosine)"
        )
        self._people = 0

    def add_many(self, vectors: Matrix) -> None:
        rows = ((self._people + number, vector.tobytes()) for number, vector in enumerate(vectors))
        with self._database:
            self._database.executemany("INSERT INTO people(rowid, vector) VALUES (?, ?)", rows)
        self._people += len(vectors)

    def save(self) -> None:
        self._database.close()

    def load(self) -> None:
        ((self._people,),) = self._database.execute("SELECT count(*) FROM people")

    def find(self, probe: Matrix) -> int:
        query = "SELECT rowid FROM people WHERE vector MATCH ? AND k = 2 ORDER BY distance"
        return int(next(iter(self._database.execute(query, (probe.tobytes(),))))[0])

    def find_many(self, probes: Matrix) -> list[int]:
        return [self.find(probe) for probe in probes]

    def add(self, vector: Matrix) -> None:
        self.add_many(vector[None])

    def remove(self, number: int) -> None:
        self._database.execute("DELETE FROM people WHERE rowid = ?", (number,))


class Pgvector:
    """PostgreSQL's extension with its graph, in a table that is made for this in the database named.

    Its memory is the server's, and not seen here.
    """

    can_remove = True

    def __init__(self, folder: Path, dimensions: int, threads: int) -> None:
        sqlalchemy: Any = importlib.import_module("sqlalchemy")
        self._text = sqlalchemy.text
        self._connection = sqlalchemy.create_engine(bench_database(), isolation_level="AUTOCOMMIT").connect()
        self._dimensions = dimensions
        self._people = 0

    def add_many(self, vectors: Matrix) -> None:
        if not self._people:
            self._run("CREATE EXTENSION IF NOT EXISTS vector")
            self._run("DROP TABLE IF EXISTS doorward_bench")
            self._run(f"CREATE TABLE doorward_bench (number int PRIMARY KEY, vector vector({self._dimensions}))")
        numbers = list(range(self._people, self._people + len(vectors)))
        self._run(_INSERT, numbers=numbers, vectors=[str(vector) for vector in vectors.tolist()])
        self._people += len(vectors)

    def save(self) -> None:
        self._run("CREATE INDEX ON doorward_bench USING hnsw (vector vector_ip_ops)")

    def load(self) -> None:
        self._people = int(self._run("SELECT count(*) FROM doorward_bench").scalar())

    def find(self, probe: Matrix) -> int:
        query = "SELECT number FROM doorward_bench ORDER BY vector <#> CAST(:probe AS vector) LIMIT 2"
        return int(self._run(query, probe=str(probe.tolist())).scalar())

    def find_many(self, probes: Matrix) -> list[int]:
        return [self.find(probe) for probe in probes]

    def add(self, vector: Matrix) -> None:
        self.add_many(vector[None])

    def remove(self, number: int) -> None:
        self._run("DELETE FROM doorward_bench WHERE number = :number", number=number)

    def _run(self, statement: str, **values: object) -> Any:
        return self._connection.execute(self._text(statement), values)


_INSERT = """
INSERT INTO doorward_bench
SELECT number, CAST(vector AS vector)
FROM unnest(CAST(:numbers AS int[]), CAST(:vectors AS text[])) AS given(number, vector)
"""


def _ours(folder: Path, dimensions: int, threads: int) -> Finder:
    ours: Any = importlib.import_module("doorward.bench.identify_ours")  # with all that a site needs
    finder: Finder = ours.Ours(folder, dimensions, threads)
    return finder


FINDERS: dict[str, Callable[[Path, int, int], Finder]] = {
    "ours": _ours,
    "numpy": Numpy,
    "faiss_flat": FaissFlat,
    "faiss_hnsw": FaissHnsw,
    "usearch": Usearch,
    "sqlite_vec": SqliteVec,
    "pgvector": Pgvector,
}

_DRIVER = "postgresql+pg8000"
_NEEDED = {"usearch": ("usearch",), "sqlite_vec": ("sqlite_vec", "apsw"), "pgvector": ("pg8000",)}


def why_absent(method: str) -> str | None:
    """Why the way cannot be measured here, and what to do about it; ``None`` when it can be."""
    for package in _NEEDED.get(method, ()):
        if importlib.util.find_spec(package) is None:
            return f"The package {package} is not here; install doorward[bench]."
    return _why_unreached(bench_database()) if method == "pgvector" else None


def _why_unreached(address: str | None) -> str | None:
    if address is None:
        return "No PostgreSQL server is named; put its address into DOORWARD_BENCH_DATABASE."
    sqlalchemy: Any = importlib.import_module("sqlalchemy")
    try:
        if sqlalchemy.make_url(address).drivername != _DRIVER:
            return f"DOORWARD_BENCH_DATABASE begins with another driver; write {_DRIVER}://ROLE@HOST/DATABASE."
        with sqlalchemy.create_engine(address).connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except (sqlalchemy.exc.SQLAlchemyError, OSError):
        return "The server that DOORWARD_BENCH_DATABASE names does not answer; start it, or correct the address."
    return None
