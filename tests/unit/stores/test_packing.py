"""Dwell tables as they are stored."""

import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from doorward.adapters.stores.crowd.packing import pack_dwell, unpack_dwell
from doorward.crowd.dwell import EDGES, DwellTable

BINS = len(EDGES) - 1
COUNTS = st.integers(0, 2**31)
TENTHS = st.lists(st.integers(0, 2**31), min_size=BINS, max_size=BINS)


@given(st.lists(COUNTS, min_size=BINS, max_size=BINS), TENTHS, COUNTS, COUNTS)
def test_a_table_is_read_as_it_was_to_a_tenth_of_a_second(
    left: list[int], tenths: list[int], arrivals: int, lost: int
) -> None:
    table = DwellTable(left, [tenth / 10 for tenth in tenths], arrivals, lost)
    assert unpack_dwell(pack_dwell(table)) == table


def test_tables_of_earlier_versions_are_still_read() -> None:
    table = DwellTable(list(range(BINS)), [bin_ / 2 for bin_ in range(BINS)], 31, 2)
    numbers = [*table.left, table.arrivals, table.lost, *(round(time * 10) for time in table.stayed)]
    assert unpack_dwell(zlib.compress(np.array(numbers, dtype="<u4").tobytes(), 9)) == table
