"""Quarters of an hour; density, speed, dwell, pressure, levels, areas and heat maps. Earlier rows are of minutes."""

import sqlalchemy as sa
from alembic import op

revision = "0002_measures"
down_revision = "0001_intervals"

LINES = {"unresolved": sa.Integer, "flow_in": sa.Float, "flow_out": sa.Float, "service": sa.Text, "safety": sa.Integer}
ZONES = {
    "uncertainty": sa.Float,
    "density_classic": sa.Float,
    "density_voronoi": sa.Float,
    "density_worst": sa.Float,
    "density_uncertainty": sa.Float,
    "speed_median": sa.Float,
    "speed_slow": sa.Float,
    "speed_uncertainty": sa.Float,
    "pressure": sa.Float,
    "pressure_floor": sa.Float,
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
        sa.Column("people", sa.Float, nullable=False),
        sa.Column("uncertainty", sa.Float, nullable=False),
        sa.Column("ratio", sa.Float, nullable=False),
        sa.Column("anchor", sa.Text),
        sa.Column("closed", sa.Float, nullable=False),
        sa.Column("zones", sa.Float, nullable=False),
        sa.Column("below_zero", sa.Float, nullable=False),
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
