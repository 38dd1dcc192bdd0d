"""The detectors of whole people that Doorward knows; none is carried by a package."""

from doorward.adapters.models.card import ModelCard

_ZOO = "https://github.com/opencv/opencv_zoo/raw/main/models"
_YOLOX_PAPER = "Ge et al.: YOLOX, exceeding YOLO series in 2021. arXiv:2107.08430"

YOLOX_NANO = ModelCard(
    name="yolox-nano",
    task="person detection",
    maker="Megvii",
    licence="Apache-2.0",
    source="Megvii-BaseDetection/YOLOX, release 0.1.1rc0",
    url="https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/yolox_nano.onnx",
    file="yolox_nano.onnx",
    size=3_659_407,
    sha256="c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d",
    input="1x3x416x416 float32, BGR 0..255, letterboxed with 114",
    output="1x3549x85 float32, strides 8, 16, 32 to be decoded; class 0 is a person",
    citation=_YOLOX_PAPER,
)

YOLOX_S = ModelCard(
    name="yolox-s",
    task="person detection",
    maker="Megvii, OpenCV Zoo",
    licence="Apache-2.0",
    source="OpenCV Zoo",
    url=f"{_ZOO}/object_detection_yolox/object_detection_yolox_2022nov.onnx",
    file="object_detection_yolox_2022nov.onnx",
    size=35_858_002,
    sha256="c5c2d13e59ae883e6af3b45daea64af4833a4951c92d116ec270d9ddbe998063",
    input="1x3x640x640 float32, letterboxed with 114",
    output="1x8400x85 float32, strides 8, 16, 32 to be decoded; class 0 is a person",
    citation=_YOLOX_PAPER,
)

NANODET = ModelCard(
    name="nanodet",
    task="person detection",
    maker="RangiLyu, OpenCV Zoo",
    licence="Apache-2.0",
    source="OpenCV Zoo",
    url=f"{_ZOO}/object_detection_nanodet/object_detection_nanodet_2022nov.onnx",
    file="object_detection_nanodet_2022nov.onnx",
    size=3_800_954,
    sha256="4b82da9944b88577175ee23a459dce2e26e6e4be573def65b1055dc2d9720186",
    input="1x3x416x416 float32, BGR, normalised",
    output="class scores and box distributions of every stride; class 0 is a person",
    citation="RangiLyu: NanoDet-Plus, super fast and high accuracy lightweight anchor-free object detection, 2021",
)

PEOPLE_CARDS = (YOLOX_NANO, YOLOX_S, NANODET)

PERSON_FORMATS = {"yolox": (YOLOX_NANO, YOLOX_S), "nanodet": (NANODET,)}
"""The formats of those models, the smallest of each first."""
