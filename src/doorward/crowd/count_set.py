"""Photos whose people were counted by hand."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from doorward.errors import WrongUse

PERSON_CATEGORY = 1
"""COCO's category of people."""


def true_counts(loaded: Any) -> Mapping[str, int]:
    """How many people each photo shows, by its name.

    Read from a decoded JSON document in one of two forms: ``{"images": {name: [box, ...]}}``, or COCO's
    ``{"images": [{"id", "file_name"}], "annotations": [{"image_id", "category_id"}]}``. ``WrongUse`` for any other.
    """
    images = loaded.get("images") if isinstance(loaded, dict) else None
    if isinstance(images, dict) and all(isinstance(boxes, list) for boxes in images.values()):
        return {name: len(boxes) for name, boxes in images.items()}
    if isinstance(images, list) and isinstance(annotations := loaded.get("annotations"), list):
        try:
            people = Counter(each["image_id"] for each in annotations if each["category_id"] == PERSON_CATEGORY)
            return {str(image["file_name"]): people[image["id"]] for image in images}
        except (TypeError, KeyError):
            pass
    raise WrongUse('The counts are not in a known form; give COCO annotations, or {"images": {name: [box, …]}}.')
