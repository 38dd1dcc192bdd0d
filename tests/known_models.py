"""Two models in tests of the core: that of `known_people.face`, and one that came after it."""

import numpy as np

from doorward.errors import WrongUse
from doorward.face.template import Template, TemplateOrigin
from doorward.face.thresholds import SFACE_LFW, ThresholdSet
from known_people import face

NEWER = TemplateOrigin("newer", "openvino", "f32")
NEWER_SET = ThresholdSet(
    name="newer-1",
    model=NEWER.model,
    measured_on="nothing",
    mated=1,
    non_mated=1,
    points=((1e-2, 0.20), (1e-3, 0.25), (1e-4, 0.30), (1e-5, 0.35)),
)


def thresholds_of(model: str) -> ThresholdSet:
    for one in (SFACE_LFW, NEWER_SET):
        if one.model == model:
            return one
    raise WrongUse(model)


def newer(template: Template) -> Template:
    """The same face by the newer model: twice as many numbers, at the same angles from each other."""
    return Template((np.tile(template.vector, 2) / np.sqrt(2)).astype(np.float32), NEWER)


def newer_face(seed: int) -> Template:
    return newer(face(seed))
