"""Intervals as JSON names them, on the command line and over HTTP; ``null`` is what was not seen."""

from datetime import datetime

from doorward.crowd.dwell import EDGES, DwellTable, median_dwell, waiting_time
from doorward.crowd.intervals import AreaCount, IntervalAggregate, LineCount, ZoneOccupancy


def interval_object(interval: IntervalAggregate) -> dict[str, object]:
    return {
        "start": time_text(interval.start),
        "seconds": interval.seconds,
        "coverage": rounded(interval.coverage),
        "method": interval.method,
        "levels": interval.levels,
        "lines": [_line(line) for line in interval.lines],
        "zones": [_zone(zone, interval.coverage * interval.seconds) for zone in interval.zones],
        "areas": [_area(area) for area in interval.areas],
    }


def time_text(time: datetime) -> str:
    """A time in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)


def _line(line: LineCount) -> dict[str, object]:
    return {
        "id": line.id,
        "in": line.inward,
        "out": line.outward,
        "unresolved": line.unresolved,
        "flow": {"in": rounded(line.flow_in), "out": rounded(line.flow_out)},
        "service": line.service,
        "safety": line.safety,
    }


def _zone(zone: ZoneOccupancy, seconds: float) -> dict[str, object]:
    density, speed, pressure = zone.density, zone.speed, zone.pressure
    return {
        "id": zone.id,
        "mean": rounded(zone.mean),
        "min": zone.least,
        "max": zone.most,
        "p95": zone.p95,
        "uncertainty": rounded(zone.uncertainty),
        "density": density
        and {
            "classic": rounded(density.classic),
            "voronoi": rounded(density.voronoi),
            "worst": rounded(density.worst),
            "uncertainty": rounded(density.uncertainty),
        },
        "speed": speed
        and {
            "median": rounded(speed.median),
            "slow": rounded(speed.slow),
            "uncertainty": rounded(speed.uncertainty),
        },
        "dwell": zone.dwell and _dwell(zone.dwell, zone.mean or 0.0, seconds),
        "queue": rounded(zone.mean * speed.slow) if speed and zone.mean is not None else None,
        "pressure": pressure and {"peak": rounded(pressure.pressure), "floor": rounded(pressure.floor)},
        "service": zone.service,
        "safety": zone.safety,
    }


def _dwell(table: DwellTable, mean: float, seconds: float) -> dict[str, object]:
    return {
        "from": list(EDGES[:-1]),
        "left": table.left,
        "stayed": [rounded(time, 1) for time in table.stayed],
        "arrivals": table.arrivals,
        "lost": table.lost,
        "median": rounded(median_dwell(table.left, table.stayed), 1),
        "waiting": rounded(waiting_time(mean, table.arrivals, seconds), 1),
    }


def _area(area: AreaCount) -> dict[str, object]:
    return {
        "id": area.id,
        "people": rounded(area.people, 1),
        "uncertainty": rounded(area.uncertainty, 1),
        "anchor": area.anchor,
        "ratio": rounded(area.ratio),
        "corrections": {
            "closed": rounded(area.closed, 1),
            "zones": rounded(area.zones, 1),
            "below_zero": rounded(area.below_zero, 1),
        },
    }
