"""Intervals as rows of crowd.db, and back."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, RowMapping

from doorward.adapters.stores.crowd.packing import pack_dwell, pack_heat_map, unpack_dwell, unpack_heat_map
from doorward.crowd.contributions import BoundedCount, Metric, Tallied
from doorward.crowd.heat_map import Grid, HeatMap
from doorward.crowd.intervals import (
    AreaCount,
    Density,
    IntervalAggregate,
    LineCount,
    PressurePeak,
    Speed,
    ZoneOccupancy,
)

Values = dict[str, Any]
_AREA = tuple(field.name for field in fields(AreaCount) if field.name != "id")
_LINE = tuple(field.name for field in fields(LineCount) if field.name != "id")
_ZONE = ("mean", "least", "most", "p95", "uncertainty", "service", "safety")
_DENSITY = tuple(field.name for field in fields(Density))
_SPEED = tuple(field.name for field in fields(Speed))
_GRID = tuple(field.name for field in fields(Grid))


def line_row(line: LineCount) -> Values:
    return {"line": line.id} | {name: getattr(line, name) for name in _LINE}


def area_row(area: AreaCount) -> Values:
    return {"area": area.id} | {name: getattr(area, name) for name in _AREA}


def zone_row(zone: ZoneOccupancy) -> Values:
    return (
        {"zone": zone.id}
        | {name: getattr(zone, name) for name in _ZONE}
        | {f"density_{name}": zone.density and getattr(zone.density, name) for name in _DENSITY}
        | {f"speed_{name}": zone.speed and getattr(zone.speed, name) for name in _SPEED}
        | {
            "pressure": zone.pressure and zone.pressure.pressure,
            "pressure_floor": zone.pressure and zone.pressure.floor,
            "dwell": zone.dwell and pack_dwell(zone.dwell),
        }
    )


def bounded_row(count: BoundedCount) -> Values:
    return {"metric": count.of.metric, "place": count.of.place, "way": count.of.way, "number": count.number}


def heat_map_row(drawn: HeatMap) -> Values:
    return {name: getattr(drawn.grid, name) for name in _GRID} | {"cells": pack_heat_map(drawn)}


def interval_of(
    scene: str,
    row: Row[Any],
    lines: list[RowMapping],
    zones: list[RowMapping],
    areas: list[RowMapping],
    heat_maps: list[RowMapping],
    bounded: list[RowMapping],
) -> IntervalAggregate:
    """The interval of a row of ``intervals`` and its parts, each in the scene's order."""
    return IntervalAggregate(
        scene,
        datetime.fromtimestamp(row.start, UTC),
        row.coverage,
        row.method,
        tuple(LineCount(line["line"], **{name: line[name] for name in _LINE}) for line in lines),
        tuple(_zone(zone) for zone in zones),
        areas=tuple(AreaCount(area["area"], **{name: area[name] for name in _AREA}) for area in areas),
        seconds=row.seconds,
        levels=row.levels,
        heat_map=_heat_map(heat_maps[0]) if heat_maps else None,
        bounded=tuple(
            BoundedCount(Tallied(Metric(each["metric"]), each["place"], each["way"]), each["number"])
            for each in bounded
        ),
    )


def _zone(row: RowMapping) -> ZoneOccupancy:
    dense, fast, pressed = (row[key] is not None for key in ("density_voronoi", "speed_median", "pressure_floor"))
    return ZoneOccupancy(
        row["zone"],
        **{name: row[name] for name in _ZONE},
        density=Density(**{name: row[f"density_{name}"] for name in _DENSITY}) if dense else None,
        speed=Speed(**{name: row[f"speed_{name}"] for name in _SPEED}) if fast else None,
        pressure=PressurePeak(row["pressure"], row["pressure_floor"]) if pressed else None,
        dwell=None if row["dwell"] is None else unpack_dwell(row["dwell"]),
    )


def _heat_map(row: RowMapping) -> HeatMap:
    return unpack_heat_map(Grid(**{name: row[name] for name in _GRID}), row["cells"])
