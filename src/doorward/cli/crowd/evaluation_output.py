"""What `doorward crowd evaluate` tells."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from doorward.cli.output import console, print_json
from doorward.crowd.as_json import rounded
from doorward.crowd.trial import TrialResult
from doorward.evaluation.share import Share, share

if TYPE_CHECKING:
    from doorward.wiring.crowd.evaluating import ClicksResult, CountsResult, Truth


def tell_trial(result: TrialResult, truth: "Truth", as_json: bool) -> None:
    if as_json:
        print_json(_trial_object(result, truth.walks))
        return
    table = Table("line", "in: true", "counted", "out: true", "counted", "errors")
    for line in result.lines:
        table.add_row(
            line.id, *map(str, (line.truth.inward, line.counted.inward, line.truth.outward, line.counted.outward)),
            str(line.errors),
        )  # fmt: skip
    console().print(table)
    errors = share(min(result.crossing_errors, result.crossings), result.crossings)
    console().print(
        f"{truth.walks} walks, {truth.joined} of them joined to one that they continue; {result.frames:,} moments.\n"
        f"Crossing error {_interval(errors)}.\n"
        f"Occupancy: mean absolute error {_told(result.occupancy.mae)}, bias {_told(result.occupancy.bias)} people. "
        f"Density {_told(result.density_mae)} persons/m2, speed {_told(result.speed_mae)} m/s off on average.\n"
        f"HOTA {_told(result.tracking.hota)} (detection {_told(result.tracking.detection)}, association "
        f"{_told(result.tracking.association)}), IDF1 {_told(result.tracking.idf1)}."
    )


def tell_counts(result: "CountsResult", as_json: bool) -> None:
    if as_json:
        errors = result.errors
        print_json(
            {
                "images": result.images,
                "people": result.people,
                "mae": rounded(errors.mae),
                "rmse": rounded(errors.rmse),
                "bias": rounded(errors.bias),
                "by_size": [
                    {
                        "from": size.least,
                        "to": size.most,
                        "images": size.errors.number,
                        "people": size.people,
                        "mae": rounded(size.errors.mae),
                        "rmse": rounded(size.errors.rmse),
                        "bias": rounded(size.errors.bias),
                        "exact": size.exact,
                    }
                    for size in result.by_size
                ],
            }
        )
        return
    table = Table("people", "photos", "MAE", "RMSE", "bias", "exactly right (95% interval)")
    for size in result.by_size:
        told = (_told(size.errors.mae), _told(size.errors.rmse), _told(size.errors.bias))
        exact = share(size.exact, size.errors.number)
        right = f"{exact.count} ({exact.low:.0%} to {exact.high:.0%})"
        table.add_row(_between(size.least, size.most), str(size.errors.number), *told, right)
    console().print(table)
    console().print(
        f"{result.images} photos, {result.people} people. Mean absolute error {_told(result.errors.mae)} people a "
        f"photo, RMSE {_told(result.errors.rmse)}, bias {_told(result.errors.bias)}. "
        f"Exactly right: {_interval(result.exact)}."
    )


def tell_clicks(result: "ClicksResult", as_json: bool) -> None:
    if as_json:
        crossings: dict[str, Any] = {}
        for line in result.lines:
            crossings.setdefault(line.line, {})[line.direction] = {
                "truth": line.clicked,
                "counted": line.counted,
                "found": line.found.count,
                "low": rounded(line.found.low),
                "high": rounded(line.found.high),
            }
        print_json({"frames": result.frames, "seconds": rounded(result.seconds, 3), "crossings": crossings})
        return
    table = Table("line", "direction", "clicked", "counted", "found of those clicked")
    for line in result.lines:
        table.add_row(line.line, line.direction, str(line.clicked), str(line.counted), _interval(line.found))
    console().print(table)


def _trial_object(result: TrialResult, people: int) -> dict[str, Any]:
    return {
        "frames": result.frames,
        "people": people,
        "occupancy": {"mae": rounded(result.occupancy.mae), "bias": rounded(result.occupancy.bias)},
        "crossings": {
            line.id: {
                "in": {"truth": line.truth.inward, "counted": line.counted.inward},
                "out": {"truth": line.truth.outward, "counted": line.counted.outward},
            }
            for line in result.lines
        },
        "crossing_error": rounded(result.crossing_error, 6),
        "density_mae": rounded(result.density_mae, 6),
        "speed_mae": rounded(result.speed_mae, 6),
        "hota": rounded(result.tracking.hota),
        "idf1": rounded(result.tracking.idf1),
    }


def _interval(part: Share) -> str:
    return f"{part.value:.4f} ({part.count} of {part.of}; 95% interval {part.low:.4f} to {part.high:.4f})"


def _told(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"


def _between(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} and more"
    return str(least) if least == most else f"{least} to {most}"
