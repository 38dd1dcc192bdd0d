"""The models that find and read text on documents."""

from doorward.adapters.models.card import ModelCard, PackagedFile

_PAPER = "Cui et al.: PaddleOCR 3.0 technical report, 2025. arXiv:2507.05595"
_SOURCE = "RapidOCR; carried by the Python package rapidocr 3.10.0"
_PLACE = "https://www.modelscope.cn/models/RapidAI/RapidOCR/resolve/v3.10.0/onnx/PP-OCRv6"

TEXT_DETECTION = ModelCard(
    name="ppocr-v6-det",
    task="text detection",
    maker="PaddlePaddle authors (Baidu), converted by RapidAI",
    licence="Apache-2.0",
    source=_SOURCE,
    url=f"{_PLACE}/det/PP-OCRv6_det_small.onnx",
    file="PP-OCRv6_det_small.onnx",
    size=9_929_594,
    sha256="090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    input="1x3xHxW float32, BGR -1..1, H and W multiples of 32",
    output="1x1xHxW float32, how likely each pixel belongs to the inner part of a line of text",
    citation=_PAPER,
    packaged=PackagedFile("rapidocr", "rapidocr/models/PP-OCRv6_det_small.onnx"),
)

TEXT_RECOGNITION = ModelCard(
    name="ppocr-v6-rec",
    task="text recognition",
    maker=TEXT_DETECTION.maker,
    licence="Apache-2.0",
    source=_SOURCE,
    url=f"{_PLACE}/rec/PP-OCRv6_rec_small.onnx",
    file="PP-OCRv6_rec_small.onnx",
    size=21_234_383,
    sha256="6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    input="Nx3x48xW float32, BGR -1..1, one line of text from left to right",
    output="NxTx18710 float32, probabilities of every character and of none (CTC), a row every 8 pixels",
    citation=_PAPER,
    packaged=PackagedFile("rapidocr", "rapidocr/models/PP-OCRv6_rec_small.onnx"),
)

DOCUMENT_CARDS = (TEXT_DETECTION, TEXT_RECOGNITION)
