"""Dwell, with those still there counted as still there; and waiting by Little's law."""

import numpy as np
import pytest

from doorward.crowd.dwell import DwellTable, VisitBook, median_dwell, share_staying, waiting_time
from doorward.crowd.geometry import as_points
from doorward.crowd.presence import Moment
from doorward.crowd.scene import Zone

ZONE = Zone("queue", "", ((0.0, 0.0), (6.0, 0.0), (6.0, 6.0), (0.0, 6.0)))


def visits(*moments: dict[str, tuple[float, float]], step: float = 1.0) -> DwellTable:
    book, total = VisitBook(ZONE, 0.3), DwellTable()
    for number, places in enumerate(moments):
        moment = Moment(number * step, tuple(places), as_points(list(places.values())))
        total.add(book.update(moment, step if number else 0.0))
    return total


def test_a_visit_ends_outside_the_border_and_its_time_is_told() -> None:
    walk = [{"a": (x, 3.0)} for x in (-1.0, 0.5, 2.0, 4.0, 5.5, 7.0)]
    table = visits(*walk)
    assert table.arrivals == 1
    assert table.left[0] == 1
    assert sum(table.stayed) == pytest.approx(4.0)
    assert table.lost == 0


def test_a_step_over_the_border_and_back_is_one_visit() -> None:
    table = visits(*({"a": (x, 3.0)} for x in (-1.0, 0.1, -0.2, 0.1, -0.2, 0.1, 3.0)))
    assert (table.arrivals, sum(table.left)) == (1, 0)


def test_who_vanishes_in_the_middle_is_censored_and_at_the_border_has_left() -> None:
    assert visits({"a": (3.0, 3.0)}, {"a": (3.0, 3.0)}, {}).lost == 1
    table = visits({"a": (0.4, 3.0)}, {"a": (0.4, 3.0)}, {})
    assert (table.lost, sum(table.left)) == (0, 1)


def test_who_appears_in_the_middle_has_not_arrived() -> None:
    assert visits({"a": (3.0, 3.0)}, {"a": (3.0, 3.0)}).arrivals == 0
    assert visits({"a": (0.5, 3.0)}).arrivals == 1


def test_a_source_that_is_out_censors_everybody() -> None:
    book = VisitBook(ZONE, 0.3)
    here = Moment(0.0, ("a",), as_points([(3.0, 3.0)]))
    book.update(here, 0.0)
    book.forget()
    table = book.update(Moment(30.0, (), as_points([])), 0.0)
    assert (sum(table.left), table.lost, sum(table.stayed)) == (0, 0, 0)


@pytest.mark.parametrize("mean", [20.0, 90.0, 400.0])
def test_the_median_is_right_though_a_third_had_not_left(mean: float) -> None:
    """Stays that fall off exponentially, each seen for a limited time only."""
    rng = np.random.default_rng(4)
    table = DwellTable()
    for stay, limit in zip(rng.exponential(mean, 4000), rng.exponential(2 * mean, 4000), strict=True):
        table.stay(0.0, min(stay, limit))
        if stay <= limit:
            table.leave(stay)
    assert sum(table.left) < 2900
    assert median_dwell(table.left, table.stayed) == pytest.approx(mean * np.log(2), rel=0.06)
    assert share_staying(table.left, table.stayed)[2] == pytest.approx(np.exp(-30 / mean), abs=0.03)


def test_a_table_in_parts_adds_up() -> None:
    whole, first, second = DwellTable(), DwellTable(), DwellTable()
    whole.stay(0, 100)
    first.stay(0, 42)
    second.stay(42, 58)
    first.add(second)
    assert first.stayed == pytest.approx(whole.stayed)


def test_too_few_have_left_to_tell_a_median() -> None:
    table = DwellTable()
    table.stay(0.0, 300.0)
    assert median_dwell(table.left, table.stayed) is None
    assert median_dwell(DwellTable().left, DwellTable().stayed) is None


def test_littles_law_holds_for_a_queue_whose_waits_are_known() -> None:
    rng = np.random.default_rng(7)
    arrivals = np.sort(rng.uniform(0, 3600, 400))
    served = arrivals.copy()
    for index in range(len(arrivals)):
        start = max(arrivals[index], served[index - 1] if index else 0.0)
        served[index] = start + 8.5
    waits = served - arrivals
    occupancy = waits.sum() / 3600
    assert waiting_time(float(occupancy), 400, 3600) == pytest.approx(waits.mean(), rel=1e-9)
    assert waiting_time(3.0, 0, 60) is None
