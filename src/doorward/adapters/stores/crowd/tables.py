"""The tables of crowd.db. ``start`` is in seconds since 1970, UTC; units are those of ``crowd.intervals``."""

from sqlalchemy import Column, Float, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

scenes = Table("scenes", metadata, Column("id", Integer, primary_key=True), Column("name", Text, nullable=False))

intervals = Table(
    "intervals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scene", Integer, ForeignKey("scenes.id"), nullable=False),
    Column("start", Integer, nullable=False),
    Column("coverage", Float, nullable=False),
    Column("method", Text, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("levels", Text),
)

line_counts = Table(
    "line_counts",
    metadata,
    Column("interval", Integer, ForeignKey("intervals.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("line", Text, nullable=False),
    Column("inward", Integer),
    Column("outward", Integer),
    Column("unresolved", Integer),
    Column("flow_in", Float),
    Column("flow_out", Float),
    Column("service", Text),
    Column("safety", Integer),
)

zone_occupancies = Table(
    "zone_occupancies",
    metadata,
    Column("interval", Integer, ForeignKey("intervals.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("zone", Text, nullable=False),
    Column("mean", Float),
    Column("least", Integer),
    Column("most", Integer),
    Column("p95", Integer),
    Column("uncertainty", Float),
    Column("density_classic", Float),
    Column("density_voronoi", Float),
    Column("density_worst", Float),
    Column("density_uncertainty", Float),
    Column("speed_median", Float),
    Column("speed_slow", Float),
    Column("speed_uncertainty", Float),
    Column("pressure", Float),
    Column("pressure_floor", Float),
    Column("dwell", LargeBinary),
    Column("service", Text),
    Column("safety", Integer),
)

area_counts = Table(
    "area_counts",
    metadata,
    Column("interval", Integer, ForeignKey("intervals.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("area", Text, nullable=False),
    Column("people", Float, nullable=False),
    Column("uncertainty", Float, nullable=False),
    Column("ratio", Float, nullable=False),
    Column("anchor", Text),
    Column("closed", Float, nullable=False),
    Column("zones", Float, nullable=False),
    Column("below_zero", Float, nullable=False),
)

heat_maps = Table(
    "heat_maps",
    metadata,
    Column("interval", Integer, ForeignKey("intervals.id"), primary_key=True),
    Column("left", Float, nullable=False),
    Column("near", Float, nullable=False),
    Column("side", Float, nullable=False),
    Column("columns", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("cells", LargeBinary, nullable=False),
)
