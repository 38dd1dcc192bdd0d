"""How people are followed: by their motion alone, whatever the settings ask for."""

from typing import Any

from doorward.crowd.tracks import TrackerSettings
from doorward.errors import WrongUse
from doorward.settings.crowd.values import number, only, text

TRACKERS = ("motion",)
BY_APPEARANCE = ("appearance", "botsort", "boosttrack", "deepocsort", "deepsort", "fairmot", "reid", "strongsort")
NUMBERS = ("position_noise", "lost_seconds")


def tracker_settings(chosen: dict[str, Any]) -> TrackerSettings:
    """The scene's ``[tracker]``; ``WrongUse`` for any that would recognise people by what they look like."""
    for asked in (str(chosen.get("name", TRACKERS[0])), *chosen):
        if _is_by_appearance(asked):
            raise WrongUse(
                f"{asked} follows people by what they look like, which makes a vector of every passer-by; Doorward "
                "follows by motion only. Leave it out."
            )
    only(chosen, {"name", *NUMBERS}, "[tracker]")
    if text(chosen, "name", "[tracker]", TRACKERS[0]) not in TRACKERS:
        raise WrongUse(f"The scene file asks for a tracker that is not here; there is {', '.join(TRACKERS)}.")
    options: dict[str, Any] = {key: number(chosen[key], key) for key in NUMBERS if key in chosen}
    return TrackerSettings(**options)


def _is_by_appearance(name: str) -> bool:
    plain = "".join(character for character in name.lower() if character.isalnum())
    return any(word in plain for word in BY_APPEARANCE)
