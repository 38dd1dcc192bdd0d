"""Quarters of an hour; density, speed, dwell, pressure, levels, areas and heat maps. Earlier rows are of minutes.

What is no count is an integer all the same: ten-thousandths.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from doorward.adapters.stores.column_types import LONG

revision = "0002_measures"
down_revision = "0001_intervals"

LINES: dict[str, Any] = {
    "unresolved": sa.Integer,
    "flow_in": LONG,
    "flow_out": LONG,
    "service": sa.Text,
    "safety": sa.Integer,
}
ZONES: dict[str, Any] = {
    "uncertainty": LONG,
    "density_classic": LONG,
    "density_voronoi": LONG,
    "density_worst": LONG,
    "density_uncertainty": LONG,
    "speed_median": LONG,
    "speed_slow": LONG,
    "speed_uncertainty": LONG,
    "pressure": LONG,
    "pressure_floor": LONG,
    "dwell": sa.LargeBinary,
    "service": sa.Text,
    "safety": sa.Integer,
}


def upgrade() -> None:
    op.add_column("intervals", sa.Column("seconds", sa.Integer, nullable=False, server_default="60"))
    op.add_column("intervals", sa.Column("levels", sa.Text))
    for table, columns in (("line_counts", LINES), ("zone_occupancies", ZONES)):
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind))
    op.create_table(
        "area_counts",
        sa.Column("interval", sa.Integer, sa.ForeignKey("intervals.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("people", LONG, nullable=False),
        sa.Column("uncertainty", LONG, nullable=False),
        sa.Column("ratio", LONG, nullable=False),
        sa.Column("anchor", sa.Text),
        sa.Column("closed", LONG, nullable=False),
        sa.Column("zones", LONG, nullable=False),
        sa.Column("below_zero", LONG, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heat_maps",
        sa.Column("interval", sa.Integer, sa.ForeignKey("intervals.id"), primary_key=True),
        sa.Column("left", sa.Float, nullable=False),
        sa.Column("near", sa.Float, nullable=False),
        sa.Column("side", sa.Float, nullable=False),
        sa.Column("columns", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("cells", sa.LargeBinary, nullable=False),
    )
