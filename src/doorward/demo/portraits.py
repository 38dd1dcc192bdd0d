"""Two real people whose public-domain portraits lie in installed packages."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from doorward.errors import NotFound


@dataclass(frozen=True, slots=True)
class Portrait:
    """A portrait file, and what the demonstration says of the person. The numbers and dates are made up."""

    name: str
    full_name: str
    document_number: str
    employer: str
    badge: str
    path: Path


def grace_hopper() -> Portrait:
    """Rear Admiral Grace Hopper: US Navy portrait, in matplotlib's sample data."""
    path = _file("matplotlib", "mpl-data/sample_data/grace_hopper.jpg")
    return Portrait(
        "Grace Hopper", "Grace Brewster Murray Hopper", "GBMH19061209", "US Navy Reserve", "HOPPER-01", path
    )


def eileen_collins() -> Portrait:
    """Astronaut Eileen Collins: NASA portrait, in scikit-image's data."""
    path = _file("skimage", "data/astronaut.png")
    return Portrait("Eileen Collins", "Eileen Marie Collins", "EMC19561119", "NASA", "COLLINS-02", path)


def _file(package: str, inside: str) -> Path:
    spec = find_spec(package)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / inside
        if path.is_file():
            return path
    raise NotFound(
        f"The demo's portraits come with the package {package}; install them with `pip install doorward[demo]`."
    )
