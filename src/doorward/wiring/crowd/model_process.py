"""The process that runs a model for the cameras of a site: ``python -m doorward.wiring.crowd.model_process``.

On standard input comes one JSON object: which detector, where models lie, and the socket to listen at. It answers with
one line, and ends when its last camera has.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from doorward.adapters.crowd.model_detector import ModelDetector
from doorward.adapters.crowd.model_process.folder_lock import FolderLock
from doorward.adapters.crowd.model_process.server import ModelServer
from doorward.adapters.crowd.model_process.tensors import TensorLayout
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.process import harden_process, usable_cores
from doorward.adapters.unix_socket.door import listening
from doorward.crowd.detector_choice import DetectorChoice, OwnWeights
from doorward.errors import DoorwardError
from doorward.wiring.crowd.detectors import chosen_model, open_model

PROGRAM = ("-m", "doorward.wiring.crowd.model_process")


def question(choice: DetectorChoice, places: ModelPlaces, place: Path) -> bytes:
    """What the process has to be given on its standard input to listen at ``place``."""
    own = choice.weights
    asked = {
        "name": choice.name,
        "weights": None if own is None else [own.path, own.sha256],
        "folder": None if places.folder is None else str(places.folder),
        "paths": {name: str(path) for name, path in places.paths.items()},
        "place": str(place),
    }
    return json.dumps(asked).encode()


def main() -> int:
    harden_process()
    asked: dict[str, Any] = json.load(sys.stdin)
    place = Path(asked["place"])
    try:
        server = _loaded(asked)
        with FolderLock(place.parent) as lock, listening(place) as listener:
            _tell({})
            server.serve(listener, lock)
    except DoorwardError as error:
        _tell({"code": error.code, "message": error.message})
        return error.exit_status
    return 0


def _loaded(asked: dict[str, Any]) -> ModelServer:
    choice = DetectorChoice(asked["name"], None if asked["weights"] is None else OwnWeights(*asked["weights"]))
    folder = None if asked["folder"] is None else Path(asked["folder"])
    places = ModelPlaces(folder, {name: Path(path) for name, path in asked["paths"].items()})
    chosen = chosen_model(choice, places)
    session, shape = open_model(chosen)
    ModelDetector(chosen.card.name, session, shape, chosen.format_name)  # refuses what is no model of people
    outputs = session.run(np.zeros(shape, np.float32))
    layout = TensorLayout(shape, {name: array.shape for name, array in outputs.items()})
    return ModelServer(session, layout, usable_cores())


def _tell(told: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
