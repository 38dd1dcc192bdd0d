"""`doorward bench identify` measures every way that is here over the same templates and probes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands_in_process import run_json
from documented_names import documented, fits, shape
from doorward.bench import identify_contenders
from doorward.bench.identify_contenders import FINDERS
from doorward.bench.identify_growth import growth, growth_plot
from doorward.bench.identify_probes import Crowd, nearest_in, probes_in
from doorward.cli.program import run

HERE = [method for method in FINDERS if method != "pgvector"]


def test_probes_have_their_cosines_and_the_nearest_is_who_comparing_with_each_finds() -> None:
    crowd = Crowd(1_500, 64)
    everybody = np.concatenate(list(crowd.parts()))
    told: list[int] = []
    for name, probes in probes_in(crowd, 40, told.append).items():
        assert np.allclose(np.linalg.norm(probes.vectors, axis=1), 1, atol=1e-5)
        cosines = (probes.vectors * everybody[probes.mates]).sum(axis=1)
        if name == "lfw":
            assert np.median(cosines) == pytest.approx(0.687, abs=0.02)
        else:
            assert cosines == pytest.approx(float(name), abs=1e-5)
        assert (probes.nearest == (probes.vectors @ everybody.T).argmax(axis=1)).all()
        assert (nearest_in(everybody, probes.vectors)[0] == probes.nearest).all()
    assert told == [1_500]


@pytest.mark.parametrize("method", HERE)
def test_every_way_finds_adds_and_removes(method: str, tmp_path: Path) -> None:
    crowd = Crowd(300, 64)
    (everybody,) = crowd.parts()
    building = FINDERS[method](tmp_path, 64, 1)
    building.add_many(everybody[:200].copy())
    building.add_many(everybody[200:].copy())
    building.save()
    finder = FINDERS[method](tmp_path, 64, 1)
    finder.load()
    assert [finder.find(everybody[number]) for number in (0, 250)] == [0, 250]
    assert finder.find_many(everybody[[7, 299]]) == [7, 299]
    newcomer = np.ones(64, np.float32) / 8
    finder.add(newcomer)
    assert finder.find(newcomer) == 300
    if finder.can_remove:
        finder.remove(7)
        assert finder.find(everybody[7]) != 7


def test_what_would_take_too_long_to_build_is_told_and_not_searched(capsys: pytest.CaptureFixture[str]) -> None:
    ways = ("--method", "numpy", "--method", "faiss_hnsw")
    # Adding a thousand to a matrix takes no time, and to a graph some.
    status, answer = run_json(capsys, "bench", "identify", "--people", "5000", *ways, "--patience", "0.05")
    assert status == 0
    assert answer["methods"]["numpy"]["p50_ms"] > 0
    given_up = answer["methods"]["faiss_hnsw"]
    assert given_up["build_s"] is not None
    assert given_up["p50_ms"] is None
    assert given_up["hits"].keys() == answer["methods"]["numpy"]["hits"].keys()


def test_ours_loses_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    status, answer = run_json(capsys, "bench", "identify", "--people", "12000", "--method", "ours")
    assert status == 0
    shown = documented()["bench identify"]
    shown["methods"] = {"ours": shown["methods"]["ours"]}
    assert fits(shown, shape(answer))
    ours = answer["methods"]["ours"]
    assert ours["lost"] == dict.fromkeys(("0.45", "0.50", "0.60", "lfw"), 0.0)
    assert min(ours["hits"].values()) > 0.9
    assert ours["start_s"] > 0


def test_several_sizes_are_told_and_drawn(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    picture = tmp_path / "sizes.svg"
    sizes = ("--people", "1000", "--people", "2000")
    status, answer = run_json(capsys, "bench", "identify", *sizes, "--method", "numpy", "--picture", picture)
    assert status == 0
    assert [one["people"] for one in answer["sizes"]] == [1_000, 2_000]
    assert answer["growth"] is None
    assert "numpy" in picture.read_text()


def sizes(**methods: list[float | None]) -> list[dict[str, Any]]:
    figures = ("memory_mb", "build_s", "start_s")
    return [
        {
            "people": people,
            "methods": {name: {"p50_ms": times[at]} | dict.fromkeys(figures, 1.0) for name, times in methods.items()},
        }
        for at, people in enumerate((1_000_000, 2_000_000))
    ]


def test_growth_is_a_line_through_our_sizes_and_needs_two() -> None:
    found = growth(sizes(ours=[2.0, 3.0]))
    assert found is not None
    assert (found["fixed_ms"], found["ms_per_million"]) == (1.0, 1.0)
    assert found["foretold"]["p50_ms"] == 101
    assert growth(sizes(ours=[2.0, 3.0])[:1]) is None
    assert growth(sizes(numpy=[2.0, 3.0])) is None


def test_a_way_that_was_given_up_is_in_the_drawing_without_points() -> None:
    plot = growth_plot(sizes(ours=[2.0, 30.0], faiss_hnsw=[None, None]))
    lines = dict(plot.lines)
    assert lines["Doorward"].shape == (2, 2)
    assert not len(lines["faiss, HNSW"])
    assert lines["Doorward"][0][0] < lines["Doorward"][1][0]
    assert lines["Doorward"][0][1] > lines["Doorward"][1][1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--method", "pgvector"), "DOORWARD_BENCH_DATABASE"),
        (("--picture", "sizes.gif"), "neither .svg nor .png"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_measured(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert run(["bench", "identify", *arguments]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql+psycopg2://bench@127.0.0.1/bench", "write postgresql+pg8000://"),
        ("postgresql+pg8000://bench@127.0.0.1:1/bench", "does not answer"),
        ("no address", "does not answer"),
    ],
)
def test_a_server_that_cannot_be_asked_is_said_in_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.setenv("DOORWARD_BENCH_DATABASE", address)
    assert run(["bench", "identify", "--method", "pgvector"]) == 2
    shown = capsys.readouterr().err
    assert said in " ".join(shown.split())
    assert "Traceback" not in shown


def test_a_way_whose_package_is_absent_is_left_out_unless_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        identify_contenders, "_NEEDED", {method: ("no_such_package",) for method in HERE if method != "numpy"}
    )
    status, answer = run_json(capsys, "bench", "identify", "--people", "1000")
    assert status == 0
    assert list(answer["methods"]) == ["numpy"]
    assert run(["bench", "identify", "--method", "usearch"]) == 2
    assert "doorward[bench]" in capsys.readouterr().err
