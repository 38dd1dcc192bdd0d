"""What the system shows of a process is searched; what was given to the test itself is no leak."""

import signal
import subprocess
import sys
from pathlib import Path

from doorward.adapters.file_search import Needle
from doorward.adapters.processes import core_pattern, crash, own_processes, swaps
from doorward.wiring.face.breach_loot import Loot, look_at_processes

NAME = "Grace Brewster Murray Hopper"
HARDENED = "from doorward.adapters.process import harden_process; harden_process(); print('ready', flush=True); input()"


def waiting(code: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment or None,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def found_with(*arguments: str, given: bool, **environment: str) -> set[str]:
    """Where the name is found, as one that the test was given or as one that it made up."""
    needles = [Needle("name", "raw", NAME.encode())]
    loot = Loot()
    with waiting("print(flush=True); input()", *arguments, **environment) as process:
        look_at_processes(loot, [] if given else needles, needles if given else [])
        process.kill()
    return {finding.file.partition(" of ")[0] for channel in loot.channels for finding in channel.found}


def test_a_name_on_a_command_line_and_in_the_environment_is_found() -> None:
    assert found_with(NAME, given=True) == {"command line"}
    assert found_with(given=True, LEAKED=NAME) == {"environment"}


def test_what_was_given_to_the_test_is_no_leak_on_its_own_command_line() -> None:
    assert found_with("breach-test", "--text", NAME, given=True) == set()
    assert found_with("breach-test", "--text", NAME, given=False) == {"command line"}


def test_a_hardened_process_leaves_no_core_dump() -> None:
    for number in (signal.SIGSEGV, signal.SIGABRT):
        with waiting(HARDENED) as process:
            assert not crash(process, number)


def test_where_the_system_tells_nothing_nothing_is_claimed(tmp_path: Path) -> None:
    assert (list(own_processes(tmp_path)), swaps(tmp_path), core_pattern(tmp_path)) == ([], None, None)


def test_swap_is_named(tmp_path: Path) -> None:
    heads = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
    (tmp_path / "swaps").write_text(heads + "/dev/vdb                file\t\t1024\t0\t-2\n")
    assert swaps(tmp_path) == (Path("/dev/vdb"),)
