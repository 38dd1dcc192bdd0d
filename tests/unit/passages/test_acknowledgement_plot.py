"""The drawing of acknowledgements."""

from doorward.bench.passages_plot import QUANTILES, acknowledgement_plot
from doorward.evaluation.det_plot import BOTTOM, LEFT, RIGHT, TOP, det_svg


def test_every_rate_is_a_line_within_the_frame() -> None:
    times = [4.0 + 10.0 * number for number, _ in enumerate(QUANTILES)]
    figures = {"per_second": 77.3, "ack_quantiles_ms": times}
    nothing = {"per_second": 0.0, "ack_quantiles_ms": []}
    plot = acknowledgement_plot({"stores": {"sqlite": {**figures, "ten_times": figures, "replay": nothing}}})
    assert [name for name, _ in plot.lines] == [
        "sqlite, the case's rate: 77.3 a second",
        "sqlite, ten times: 77.3 a second",
    ]
    for _, points in plot.lines:
        assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in points)
        assert points[0][1] > points[-1][1]
    assert "ten times" in det_svg(plot)
