"""The page for the data-protection officer lists every kind of finding, and no other."""

import re

from shared_data import REPOSITORY

SOURCES = (REPOSITORY / "src" / "doorward" / "wiring" / "doctor").glob("*.py")
ID = re.compile(r'"([a-z]+(?:-[a-z]+)+)"')


def test_every_finding_is_listed() -> None:
    made = {name for source in SOURCES for name in ID.findall(source.read_text())}
    table = (REPOSITORY / "docs" / "security.md").read_text().split("## What the doctor looks at", 1)[1]
    listed = {name for row in re.findall(r"^\| \w+ \| (`.*) \|$", table, re.MULTILINE) for name in row.split("`")[1::2]}
    assert listed == made
