"""Photos to measure with: two public-domain portraits in many variants, or a folder's."""

import io
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from doorward.errors import NotFound

# By file, so that neither library is imported.
_PORTRAITS = (
    ("matplotlib", "matplotlib/mpl-data/sample_data/grace_hopper.jpg"),
    ("scikit-image", "skimage/data/astronaut.png"),
)
_ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}


def portrait_photos(count: int, seed: int = 7) -> list[bytes]:
    """``count`` JPEGs of the two portraits in turn: mirrored or not, cropped, dimmed, 480 to 960 pixels high."""
    portraits = [Image.open(_portrait(package, path)).convert("RGB") for package, path in _PORTRAITS]
    random = np.random.default_rng(seed)
    return [_variant(portraits[place % len(portraits)], random) for place in range(count)]


def folder_photos(folder: Path, count: int) -> list[bytes]:
    """``count`` photos spread evenly over those in ``folder`` and below; ``NotFound`` when there is none."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _ENDINGS)
    if not paths:
        raise NotFound(f"There is no photo in {folder}; name a folder of photos.")
    chosen = np.linspace(0, len(paths) - 1, min(count, len(paths))).astype(int)
    return [paths[place].read_bytes() for place in chosen]


def people_photos(folder: Path, count: int) -> tuple[dict[str, bytes], list[tuple[str, bytes]]]:
    """A reference and one photo to decide on of ``count`` people, spread evenly over the subfolders with two or more.

    ``NotFound`` when there is none.
    """
    people = [
        (person.name, paths)
        for person in sorted(folder.iterdir() if folder.is_dir() else ())
        if len(paths := sorted(path for path in person.glob("*") if path.suffix.lower() in _ENDINGS)) > 1
    ]
    if not people:
        raise NotFound(f"No folder in {folder} holds two photos of one person; name a folder of such folders.")
    chosen = [people[place] for place in np.linspace(0, len(people) - 1, min(count, len(people))).astype(int)]
    references = {name: paths[0].read_bytes() for name, paths in chosen}
    return references, [(name, paths[1].read_bytes()) for name, paths in chosen]


def _portrait(package: str, path: str) -> Path:
    try:
        file = Path(str(distribution(package).locate_file(path)))
    except PackageNotFoundError:
        file = None
    if file is None or not file.is_file():
        raise NotFound(f"The portrait in {package} is not here; install doorward[demo], or name photos with --images.")
    return file


def _variant(portrait: Image.Image, random: np.random.Generator) -> bytes:
    width, height = portrait.size
    left, top, right = (int(share * width) for share in random.uniform(0, 0.08, 3))
    photo = portrait.crop((left, top // 2, width - right, height))
    if random.random() < 0.5:
        photo = ImageOps.mirror(photo)
    photo = ImageEnhance.Brightness(photo).enhance(float(random.uniform(0.7, 1.1)))
    scale = float(random.uniform(480, 960)) / photo.height
    photo = photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.LANCZOS)
    octets = io.BytesIO()
    photo.save(octets, "JPEG", quality=90)
    return octets.getvalue()
