"""The contract of ``PaceStore``."""

from houses import House


def test_counts_within_a_minute_and_starts_again_in_the_next(house: House) -> None:
    assert [house.pace.count("north", "12:00") for _ in range(3)] == [1, 2, 3]
    assert house.pace.count("south", "12:00") == 1
    assert [house.pace.count("north", "12:01") for _ in range(2)] == [1, 2]
