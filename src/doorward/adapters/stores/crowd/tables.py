"""The tables of crowd.db. ``start`` is in seconds since 1970, UTC; units are those of ``crowd.intervals``."""

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

from doorward.adapters.stores.column_types import LONG, TEXT

metadata = MetaData()

TEN_THOUSANDTHS = 10_000


class FourDecimals(TypeDecorator[float]):
    """A number in ten-thousandths: SQLite keeps it in one to four octets, and a float in eight."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> int | None:
        return None if value is None else round(value * TEN_THOUSANDTHS)

    def process_result_value(self, value: int | None, dialect: Dialect) -> float | None:
        return None if value is None else value / TEN_THOUSANDTHS


scenes = Table("scenes", metadata, Column("id", Integer, primary_key=True), Column("name", TEXT, nullable=False))

intervals = Table(
    "intervals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scene", Integer, ForeignKey("scenes.id"), nullable=False),
    Column("start", LONG, nullable=False),
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
    Column("flow_in", FourDecimals),
    Column("flow_out", FourDecimals),
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
    Column("uncertainty", FourDecimals),
    Column("density_classic", FourDecimals),
    Column("density_voronoi", FourDecimals),
    Column("density_worst", FourDecimals),
    Column("density_uncertainty", FourDecimals),
    Column("speed_median", FourDecimals),
    Column("speed_slow", FourDecimals),
    Column("speed_uncertainty", FourDecimals),
    Column("pressure", FourDecimals),
    Column("pressure_floor", FourDecimals),
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
    Column("people", FourDecimals, nullable=False),
    Column("uncertainty", FourDecimals, nullable=False),
    Column("ratio", FourDecimals, nullable=False),
    Column("anchor", Text),
    Column("closed", FourDecimals, nullable=False),
    Column("zones", FourDecimals, nullable=False),
    Column("below_zero", FourDecimals, nullable=False),
)

bounded_counts = Table(
    "bounded_counts",
    metadata,
    Column("interval", Integer, ForeignKey("intervals.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("metric", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("number", Integer, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scene", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("start", LONG, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("epsilon", LONG, nullable=False),
    Column("coverage", FourDecimals, nullable=False),
    UniqueConstraint("scene", "metric", "seconds", "start"),
)
"""The ledger: what was published, with the thousandths of epsilon that it spent."""

released_counts = Table(
    "released_counts",
    metadata,
    Column("release", Integer, ForeignKey("releases.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("place", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("noised", LONG, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Text, primary_key=True),
    Column("scene", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("raised_at", LONG, nullable=False),
    Column("acknowledged_at", LONG),
    Column("acknowledged_by", Text),
    Column("handed_over_at", LONG),
    Column("ended_at", LONG),
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

looks = Table(
    "looks",
    metadata,
    Column("hour", LONG, primary_key=True),
    Column("who", TEXT, primary_key=True),
    Column("looked_at", TEXT, primary_key=True),
    Column("scene", TEXT, primary_key=True),
    Column("times", LONG, nullable=False),
)
