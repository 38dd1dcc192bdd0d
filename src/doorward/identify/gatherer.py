"""Questions of many threads, answered in batches by whichever of them is first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

from doorward.errors import DoorwardError, InternalError, TimeLimitExceeded
from doorward.identify.gathering import Gathering
from doorward.identify.ports import Asker

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Question, Answer]):
    """``woken``: its answer is there or, while it is not, the next batch is this one's to answer."""

    asker: Asker
    question: Question
    woken: Event = field(default_factory=Event)
    answer: Answer | DoorwardError | None = None


class Gatherer(Generic[Question, Answer]):
    """A lone question is answered at once, by its own thread. What comes meanwhile is gathered for the next batch.

    ``answer_all`` is called by one thread at a time, and gives the answer or the error of each question.
    """

    def __init__(
        self,
        answer_all: Callable[[Sequence[Question]], Sequence[Answer | DoorwardError]],
        gathering: Gathering[_Waiting[Question, Answer]] | None = None,
    ) -> None:
        self._answer_all = answer_all
        self._gathering = Gathering() if gathering is None else gathering
        self._lock = Lock()
        self._is_busy = False

    def ask(self, asker: Asker, question: Question) -> Answer:
        """The answer; ``TooFast`` when too many wait, ``TimeLimitExceeded`` when the asker went while it waited."""
        own: _Waiting[Question, Answer] = _Waiting(asker, question)
        with self._lock:
            self._gathering.offer(asker.name, own)
            if not self._is_busy:
                self._is_busy = True
                own.woken.set()
        try:
            own.woken.wait()
            if own.answer is None:
                self._answer_next()
        except BaseException:  # an interrupt: nobody may wait for a thread that is gone
            self._leave(own)
            raise
        if own.answer is None:
            raise InternalError("A search got no answer; report this.")
        if isinstance(own.answer, DoorwardError):
            raise own.answer
        return own.answer

    def _answer_next(self) -> None:
        """Answer the batch that begins with this thread's own question, and wake whose the next one is."""
        with self._lock:
            batch = self._gathering.take()
        try:
            self._answer(batch)
        finally:
            for one in batch:
                if one.answer is None:
                    one.answer = InternalError("A search beside this one failed; try again.")
                one.woken.set()
            self._pass_on()

    def _answer(self, batch: Sequence[_Waiting[Question, Answer]]) -> None:
        wanted = []
        for one in batch:
            if one.asker.is_waiting():
                wanted.append(one)
            else:
                one.answer = TimeLimitExceeded("Nobody waits for the answer to this search any more.")
        if wanted:
            for one, answer in zip(wanted, self._answers([one.question for one in wanted]), strict=True):
                one.answer = answer

    def _answers(self, questions: Sequence[Question]) -> Sequence[Answer | DoorwardError]:
        try:
            return self._answer_all(questions)
        except DoorwardError as error:
            return [error] * len(questions)

    def _pass_on(self) -> None:
        with self._lock:
            first = self._gathering.first()
            if first is None:
                self._is_busy = False
            else:
                first.woken.set()

    def _leave(self, own: _Waiting[Question, Answer]) -> None:
        with self._lock:
            was_waiting = self._gathering.drop(own.asker.name, own)
        if was_waiting and own.woken.is_set():
            self._pass_on()
