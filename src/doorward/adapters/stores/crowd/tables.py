"""The tables of crowd.db. ``start`` is in seconds since 1970, UTC."""

from sqlalchemy import Column, Float, ForeignKey, Integer, MetaData, Table, Text

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
)

line_counts = Table(
    "line_counts",
    metadata,
    Column("interval", Integer, ForeignKey("intervals.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("line", Text, nullable=False),
    Column("inward", Integer),
    Column("outward", Integer),
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
)
