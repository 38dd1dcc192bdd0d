"""A command that is told on its standard input. It is run without a shell, and with nothing of our environment."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from doorward.errors import ReceiverUnreachable, WrongUse

SECONDS = 5.0


class Command:
    """``words``: an absolute path and its arguments; ``WrongUse`` otherwise."""

    def __init__(self, words: Sequence[str], seconds: float = SECONDS) -> None:
        if not words or not Path(words[0]).is_absolute():
            raise WrongUse("A command begins with the whole path of its program, for example /usr/local/bin/open-door.")
        self._words = tuple(words)
        self._seconds = seconds

    def send(self, body: bytes) -> None:
        """Run it with ``body`` on its standard input; ``ReceiverUnreachable`` unless it ends with 0 in time."""
        name = Path(self._words[0]).name
        try:
            ended = subprocess.run(  # noqa: S603 - the words come from the settings, and no shell reads them
                self._words,
                input=body,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=self._seconds,
                env={"PATH": "/usr/bin:/bin"},
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ReceiverUnreachable(f"The command {name} was ended after {self._seconds:g} s; mend it.") from None
        except OSError as error:
            raise ReceiverUnreachable(f"The command {name} cannot be run ({error.strerror}); check its path.") from None
        if ended.returncode != 0:
            raise ReceiverUnreachable(f"The command {name} ended with status {ended.returncode}; mend it.")

    def close(self) -> None:
        """Nothing stays open between messages."""
