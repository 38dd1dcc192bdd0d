"""Levels of service and safety: exact at the boundaries, and no flapping."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.crowd.levels import LevelKeeper, LevelTable, LevelTables, Quantity
from doorward.errors import WrongUse
from doorward.settings.crowd.levels_file import bundled_levels, scene_levels

VERSION, TABLES = bundled_levels()
RISK = TABLES["fruin-risk"]


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("fruin-walkway", {0: "A", 22.999: "A", 23: "B", 33: "C", 49: "D", 66: "E", 81.999: "E", 82: "F", 500: "F"}),
        ("fruin-area", {99: "A", 3.251: "A", 3.25: "B", 2.321: "B", 2.32: "C", 1.39: "D", 0.93: "E", 0.46: "F"}),
        ("hcm-flow", {15.9: "A", 16: "B", 23: "C", 33: "D", 49: "E", 75: "F"}),
        ("hcm-area", {5.61: "A", 5.6: "B", 3.7: "C", 2.2: "D", 1.4: "E", 0.75: "F"}),
        ("green-guide-level", {81.999: "within", 82: "above"}),
        ("green-guide-stepped", {65.999: "within", 66: "above"}),
        ("fruin-risk", {1.999: "0", 2: "1", 3.57: "2", 5.55: "3", 7.1: "4"}),
    ],
)
def test_boundaries_are_exact(table: str, values: dict[float, str]) -> None:
    read = TABLES[table]
    assert {value: read.label(read.level(value)) for value in values} == values


def test_every_bundled_table_says_where_it_is_from() -> None:
    assert VERSION
    assert all(len(table.source) > 20 for table in TABLES.values())


def test_a_density_is_judged_by_an_area_table() -> None:
    area = TABLES["fruin-area"]
    assert area.label(area.of_density(0.0)) == "A"
    assert area.label(area.of_density(1 / 3.3)) == "A"
    assert area.label(area.of_density(3.0)) == "F"


def held(values: list[float | None], *, step: float = 1.0, sustained: float = 3.0) -> list[int | None]:
    keeper = LevelKeeper(RISK, sustained, 0.1)
    return [keeper.update(second * step, value) for second, value in enumerate(values)]


def test_a_level_rises_when_it_was_sustained() -> None:
    assert held([1.0, 2.5, 2.5, 2.5, 2.5, 2.5]) == [0, 0, 0, 0, 1, 1]
    assert held([1.0, 9.0, 9.0, 9.0, 9.0]) == [0, 0, 0, 0, 4]
    assert held([2.5, 2.5, 1.0, 2.5, 2.5, 1.0]) == [0] * 6


def test_a_level_falls_when_the_value_is_well_below_for_as_long() -> None:
    risen = [2.5] * 4
    assert held([*risen, 1.9, 1.9, 1.9, 1.9, 1.9])[-1] == 1, "within the hysteresis"
    assert held([*risen, 1.7, 1.7, 1.7, 1.7])[3:] == [1, 1, 1, 1, 0]


def test_unknown_is_no_level_and_forgets() -> None:
    assert held([2.5, 2.5, 2.5, 2.5, None, 2.5, 2.5])[3:] == [1, None, 0, 0]


@given(st.integers(0, 2**32 - 1))
def test_noise_about_a_boundary_does_not_flap(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(2.0, 0.15, 600)
    levels = held(list(noise), step=0.2)
    changes = sum(a != b for a, b in pairwise(levels))
    assert changes <= 1


def test_tables_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="label"):
        LevelTable("a", Quantity.FLOW, (1.0,), ("A",), "x")
    with pytest.raises(WrongUse, match="ascend"):
        LevelTable("a", Quantity.FLOW, (2.0, 1.0), ("A", "B", "C"), "x")
    for chosen, said in (
        ({"line_service": "fruin-area"}, "flow"),
        ({"zone_safety": "hcm-flow"}, "flow"),
        ({"zone_service": "nobody"}, "nobody"),
        ({"sustained": -1}, "sustained"),
        ({"hysteresis": 1}, "hysteresis"),
        ({"sustianed": 1}, "sustianed"),
        ({"file": "none.toml"}, "none.toml"),
    ):
        with pytest.raises(WrongUse, match=said):
            scene_levels(chosen, tmp_path)


def test_an_edited_copy_has_its_own_version(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'version = "mine-3"\n[[tables]]\nid = "fruin-risk"\nquantity = "density"\nbounds = [1]\n'
        'labels = ["calm", "full"]\nsource = "our own assessment"\n'
        '[[tables]]\nid = "flow"\nquantity = "flow"\nbounds = [40]\nlabels = ["ok", "no"]\nsource = "the same"\n'
    )
    chosen = {"file": "mine.toml", "line_service": "flow", "line_safety": "flow", "zone_service": "fruin-risk"}
    levels: LevelTables = scene_levels(chosen, tmp_path)
    assert levels.version == "mine-3"
    assert levels.zone_safety.bounds == (1.0,)
    (tmp_path / "mine.toml").write_text('version = "x"\n[[tables]]\nid = "a"\nquantity = "smell"\n')
    with pytest.raises(WrongUse, match="quantity"):
        scene_levels({"file": "mine.toml"}, tmp_path)
