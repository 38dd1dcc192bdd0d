"""A command starts without the large libraries that it does not need."""

import subprocess
import sys

SLOW = {"alembic", "scipy.optimize"}
"""Each takes a start a tenth of a second and more: the migrations' library, and what pairs people in a crowd."""


def test_a_command_about_people_loads_none_of_them() -> None:
    asked = "import sys, doorward.cli.people; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert SLOW & set(ran.stdout.split()) == set()
