"""Quarters of an hour; density, speed, dwell, pressure, levels, areas and heat maps. Earlier rows are of minutes.

What is no count is an integer all the same: ten-thousandths.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_measures"
down_revision = "0001_intervals"

LINES = {
    "unresolved": sa.Integer,
    "flow_in": sa.Integer,
    "flow_out": sa.Integer,
    "service": sa.Text,
    "safety": sa.Integer,
}
ZONES = {
    "uncertainty": sa.Integer,
    "density_classic": sa.Integer,
    "density_voronoi": sa.Integer,
    "density_worst": sa.Integer,
    "density_uncertainty": sa.Integer,
    "speed_median": sa.Integer,
    "speed_slow": sa.Integer,
    "speed_uncertainty": sa.Integer,
    "pressure": sa.Integer,
    "pressure_floor": sa.Integer,
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
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("uncertainty", sa.Integer, nullable=False),
        sa.Column("ratio", sa.Integer, nullable=False),
        sa.Column("anchor", sa.Text),
        sa.Column("closed", sa.Integer, nullable=False),
        sa.Column("zones", sa.Integer, nullable=False),
        sa.Column("below_zero", sa.Integer, nullable=False),
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
