"""What Home Assistant is told of the checkpoints and devices there are, so that it makes their entities by itself.

Device discovery as https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload has it: one retained
message for each, with an origin, a device and its components.
"""

from doorward import __version__
from doorward.passages.live import ACCEPTED, AWAY, HERE, REFUSED

ONLINE, OFFLINE = "online", "offline"


def discovery_topic(prefix: str, identity: str) -> str:
    return f"{prefix}/device/doorward_{identity}/config"


def checkpoint_discovery(topic: str, identity: str, name: str) -> dict[str, object]:
    """``topic``: below which the live view is told; ``identity``: the checkpoint's id."""
    return _device(
        topic,
        identity,
        f"Checkpoint {name}",
        {
            "decision": {
                "platform": "event",
                "name": "Decision",
                "unique_id": f"doorward_{identity}_decision",
                "state_topic": f"{topic}/checkpoints/{identity}/decision",
                "event_types": [ACCEPTED, REFUSED],
            },
            "camera": _connectivity(f"{topic}/checkpoints/{identity}/camera", "Camera", f"doorward_{identity}_camera"),
        },
    )


def device_discovery(topic: str, identity: str, name: str) -> dict[str, object]:
    """``identity``: the device's id."""
    here = _connectivity(f"{topic}/devices/{identity}/state", "Connection", f"doorward_{identity}_state")
    return _device(topic, identity, f"Device {name}", {"connection": here})


def _device(topic: str, identity: str, name: str, components: dict[str, object]) -> dict[str, object]:
    return {
        "device": {"identifiers": [f"doorward_{identity}"], "name": name, "manufacturer": "Doorward"},
        "origin": {"name": "Doorward", "sw_version": __version__},
        "availability_topic": f"{topic}/status",
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
        "qos": 1,
        "components": components,
    }


def _connectivity(state_topic: str, name: str, unique_id: str) -> dict[str, object]:
    return {
        "platform": "binary_sensor",
        "device_class": "connectivity",
        "name": name,
        "unique_id": unique_id,
        "state_topic": state_topic,
        "payload_on": HERE,
        "payload_off": AWAY,
    }
