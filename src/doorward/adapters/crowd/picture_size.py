"""A scene is drawn for pictures of one size."""

from doorward.errors import SourceError
from doorward.kernel.image import Image


def check_size(image: Image, size: tuple[int, int]) -> None:
    """``SourceError`` when the picture is not of the scene's ``size`` (width, height)."""
    height, width = image.shape[:2]
    if (width, height) != size:
        raise SourceError(
            f"The picture is {width}x{height} pixels, but the scene was drawn for {size[0]}x{size[1]}; "
            "set the size in the scene file or draw the scene anew."
        )
