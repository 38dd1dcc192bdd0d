"""Two sites with other people look alike, and a column that tells them apart is noticed."""

import json
from uuid import UUID

import numpy as np
import pytest

from doorward.wiring.face.breach_statistics import Columns, compare_columns, compare_two_sites

KEY = "2f1f7c1e-7f0a-4a43-9d0a-0a3c8f3d9a11"
ROWS = 24


def sealed(seed: int, length: int = 300) -> list[object]:
    header = b"\x01" + UUID(KEY).bytes
    return [header + np.random.default_rng([seed, row]).bytes(length) for row in range(ROWS)]


def site(record: list[object], seed: int = 1) -> Columns:
    numbers: list[object] = list(range(ROWS))
    return {("keys", "id"): [KEY], ("persons", "record"): record, ("persons", "number"): numbers}


def telling(one: list[object], other: list[object]) -> list[str]:
    return [f"{column.table}.{column.column}" for column in compare_columns(site(one), site(other)) if column.telling]


def test_two_sites_cannot_be_told_apart() -> None:
    statistics = compare_two_sites()
    assert statistics.telling == ()
    tested = {f"{column.table}.{column.column}" for column in statistics.columns if column.uniform}
    assert tested >= {"persons.record", "enrolments.photo", "enrolments.record", "passages.record", "keys.wrapped"}
    clear = {f"{column.table}.{column.column}" for column in statistics.columns if not column.sealed}
    assert clear >= {"persons.id", "passages.epoch"}


def test_sealed_columns_are_alike() -> None:
    assert telling(sealed(1), sealed(2)) == []


plain = [json.dumps({"name": f"Ada {row}", "town": "Ghent"}).encode().ljust(317, b"\0") for row in range(ROWS)]
biased = [bytes(octet & 0x7F for octet in value) for value in sealed(3) if isinstance(value, bytes)]
longer = [*sealed(4)[:-1], bytes(400)]


@pytest.mark.parametrize("leak", [plain, biased, longer, sealed(5, 316), sealed(6)[:-1]])
def test_what_tells_two_sites_apart_is_named(leak: list[object]) -> None:
    assert telling(sealed(1), list(leak)) == ["persons.record"]


def of_forms(seed: int, acts: int) -> list[object]:
    """Values behind the number of their form, of which so many are 2 and the others 3."""
    octets = [np.random.default_rng([seed, row]).bytes(64) for row in range(4 * ROWS)]
    return [bytes([2 if row < acts else 3]) + value for row, value in enumerate(octets)]


def test_two_forms_of_a_log_tell_nothing_unless_one_site_has_one_of_them_more_often() -> None:
    assert telling(of_forms(7, 60), of_forms(8, 60)) == []
    assert telling(of_forms(7, 60), of_forms(8, 59)) == ["persons.record"]
