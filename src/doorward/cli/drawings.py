"""Drawings that commands write to files."""

from pathlib import Path
from typing import TYPE_CHECKING

from doorward.cli.output import write_result
from doorward.errors import WrongUse

if TYPE_CHECKING:
    from doorward.evaluation.det_plot import DetPlot


def check_drawing(path: Path) -> None:
    """``WrongUse`` unless the file can be drawn to; before work that takes long."""
    if path.suffix.lower() not in (".svg", ".png"):
        raise WrongUse(f"{path} is neither .svg nor .png; name such a file.")


def drawn(path: Path, plot: "DetPlot") -> bytes:
    """The plot as the file's ending says."""
    from doorward.adapters.det_png import det_png  # loads OpenCV
    from doorward.evaluation.det_plot import det_svg

    return det_png(plot) if path.suffix.lower() == ".png" else det_svg(plot).encode()


def write_drawing(path: Path, plot: "DetPlot") -> None:
    write_result(path, drawn(path, plot))
