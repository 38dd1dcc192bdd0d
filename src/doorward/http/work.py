"""The threads that do what would hold the server up: bounded, and so is the queue before them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, nullcontext
from threading import Lock
from typing import Any, TypeVar

from doorward.errors import TooFast

T = TypeVar("T")


class Workers:
    """``run`` for what may go on beside other work, ``run_alone`` for what reads and writes the site's state."""

    def __init__(
        self, threads: int, waiting: int, turn: Callable[[], AbstractContextManager[object]] = nullcontext
    ) -> None:
        """``turn``: the turn among the other processes that serve the same site, waited for."""
        self._pool = ThreadPoolExecutor(threads, "doorward")
        self._most = threads + waiting
        self._count = 0
        self._counting = Lock()
        self.alone = _Alone(turn)
        """Held by what ``run_alone`` runs, and by other jobs for their part that touches the site's state."""

    async def run(self, job: Callable[[], T]) -> T:
        """What ``job`` gives; ``TooFast`` when as many jobs wait as may wait."""
        with self._counting:
            if self._count >= self._most:
                raise TooFast("The server has more to do than it can; try again in a moment.", 1)
            self._count += 1
        begun = self._pool.submit(job)
        begun.add_done_callback(self._done)
        return await asyncio.wrap_future(begun)

    async def run_alone(self, job: Callable[[], T]) -> T:
        """The same, one job at a time: a store's read and the write that follows from it belong together."""

        def locked() -> T:
            with self.alone:
                return job()

        return await self.run(locked)

    def close(self) -> None:
        """Wait for what has begun, and drop what has not."""
        self._pool.shutdown(cancel_futures=True)

    def _done(self, _job: Future[T]) -> None:
        with self._counting:
            self._count -= 1


class _Alone:
    """One at a time, among the threads of this process and then among all that serve the site; as often as wanted."""

    def __init__(self, turn: Callable[[], AbstractContextManager[object]]) -> None:
        self._one_here = Lock()
        self._turn = turn
        self._held = ExitStack()

    def __enter__(self) -> None:
        with ExitStack() as taken:
            taken.enter_context(self._one_here)
            taken.enter_context(self._turn())
            self._held = taken.pop_all()

    def __exit__(self, *raised: Any) -> None:
        # Another thread enters as soon as the lock is let go of, which is last.
        self._held.__exit__(*raised)
