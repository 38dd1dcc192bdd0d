"""The door's part: one person enrolled, verified and let in; another refused, leaving nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from doorward.demo.checkpoint_clip import make_changed_photo, make_checkpoint_clip
from doorward.demo.claims import Claim
from doorward.demo.house import House
from doorward.demo.portraits import Portrait

DOOR = "Main door"
Answer = dict[str, Any]


def tell_door_story(
    house: House,
    client: httpx.Client,
    enrolled: Portrait,
    stranger: Portrait,
    camera: str | None,
    say: Callable[[str], None],
) -> Iterator[Claim]:
    """Claims, as they are tried, in the order in which a site is set up and used.

    With a ``camera`` its viewer takes the place of ``enrolled``, and is told by ``say`` what to do.
    """
    yield _no_entry_without_credential(client)
    person = _created(client, "/v1/people", json=_person(enrolled, camera))["id"]
    photo = enrolled.path.read_bytes()
    without = _enrol(client, person, photo)
    yield Claim(
        "Nobody is enrolled without a consent in force",
        without.json().get("code") == "consent_missing",
        without.json().get("detail", ""),
    )
    _consent(client, person)
    if camera:
        say("Look at the camera, from an arm's length, until you are enrolled.")
        yield _enrolled_live(house, person, camera)
    else:
        yield from _enrolled_from_file(house, client, person, photo, enrolled)
        yield from _verified(client, person, enrolled, stranger)
    yield from _identification_is_off(client, photo)
    house.do("profile", "identify", "--dpia", _assessment(house.folder), "--notice", "Demonstration notice 1")
    if camera:
        say("You stand at a checkpoint now: tilt your head to one side, then hold it upright.")
    yield from _at_the_door(house, client, person, enrolled, stranger, camera)


def tell_erasure_story(client: httpx.Client, enrolled: Portrait, person: str) -> Iterator[Claim]:
    """Erase the person, then ask for them again."""
    client.delete(f"/v1/people/{person}").raise_for_status()
    record = client.get(f"/v1/people/{person}")
    probe = _post_photo(client, "/v1/identifications", enrolled.path.read_bytes(), {"checkpoint": DOOR}).json()
    yield Claim(
        "Erased is erased: the record is gone and the face is a stranger's",
        record.status_code == httpx.codes.NOT_FOUND and probe.get("reason") == "nobody_enrolled",
        f"record: {record.json().get('code')}; face: {probe.get('reason')}",
    )


def _no_entry_without_credential(client: httpx.Client) -> Claim:
    refused = client.get("/v1/people", headers={"Authorization": ""})
    return Claim(
        "Nobody enters without a credential",
        refused.status_code == httpx.codes.UNAUTHORIZED,
        f"the list of people answers {refused.status_code} without a token",
    )


def _enrolled_from_file(
    house: House, client: httpx.Client, person: str, photo: bytes, enrolled: Portrait
) -> Iterator[Claim]:
    _enrol(client, person, photo).raise_for_status()
    pending = _verify(client, person, photo)
    yield Claim(
        "An enrolment from a file is pending, and accepted nowhere",
        pending["decision"] == "refused",
        f"the enrolled photo itself: {pending['decision']}",
    )
    clip = make_checkpoint_clip(house.folder / "confirmation.mp4", [enrolled])
    officer = ("--officer", "demonstration", "--unsafe-recorded-source")
    confirmed = house.do("people", "confirm", person, "--source", clip, *officer)
    yield Claim(
        f"{enrolled.name} confirms it beside an officer",
        isinstance(confirmed["confirmed"], list) and len(confirmed["confirmed"]) == 1,
        "from a clip made of the portrait: a trial, not a live person",
    )


def _enrolled_live(house: House, person: str, camera: str) -> Claim:
    enrolment = house.do("people", "enrol", person, "--source", camera)
    state = str(enrolment["state"])
    return Claim("You are enrolled by a live capture", state == "confirmed", f"{state}, from your camera")


def _verified(client: httpx.Client, person: str, enrolled: Portrait, stranger: Portrait) -> Iterator[Claim]:
    same = _verify(client, person, make_changed_photo(enrolled))
    yield Claim(
        f"{enrolled.name} is verified, from a photo turned, dimmed and blurred",
        same["decision"] == "accepted",
        _told(same),
    )
    other = _verify(client, person, stranger.path.read_bytes())
    yield Claim(f"{stranger.name} is not taken for her", other["decision"] == "refused", _told(other))


def _identification_is_off(client: httpx.Client, photo: bytes) -> Iterator[Claim]:
    _created(client, "/v1/checkpoints", json={"name": DOOR})
    refused = _post_photo(client, "/v1/identifications", photo, {"checkpoint": DOOR}).json()
    yield Claim(
        "Nobody is searched for before the impact assessment is recorded",
        refused.get("code") == "profile_off",
        refused.get("detail", ""),
    )


def _at_the_door(
    house: House, client: httpx.Client, person: str, enrolled: Portrait, stranger: Portrait, camera: str | None
) -> Iterator[Claim]:
    first: list[Answer] = []
    if camera:
        first = _run_door(house, camera, "--presentations", "1")
        shown = [stranger]
    else:
        shown = [enrolled, stranger]
    decisions = first + _run_door(house, make_checkpoint_clip(house.folder / "door.mp4", shown))
    let_in = [one for one in decisions if one["decision"] == "accepted"]
    refused = [one for one in decisions if one["decision"] == "refused"]
    who = "you tilt your head and are" if camera else f"{enrolled.name} tilts the head and is"
    yield Claim(
        f"At the checkpoint {who} let in, once",
        [one["person"] for one in let_in] == [person] and all(one["passage_recorded"] for one in let_in),
        _told(let_in[0]) if let_in else "nobody was let in",
    )
    yield Claim(
        f"{stranger.name}, not enrolled, does the same and is refused",
        [one["reason"] for one in refused] == ["nobody"],
        _told(refused[0]) if refused else "nobody was refused",
    )
    yield _no_trace(client, len(refused))
    looks = client.get(f"/v1/people/{person}").json()["looks"]
    seen = [look for look in looks if look["action"].startswith("identified at")]
    told = f"{len(looks)} entries about them, {len(seen)} of being found"
    yield Claim("Whoever was found can see that in the log", len(seen) == 1, told)


def _no_trace(client: httpx.Client, refused: int) -> Claim:
    people = client.get("/v1/people").json()["people"]
    door = client.get("/v1/checkpoints").json()["checkpoints"][0]
    return Claim(
        "A refused stranger leaves a counter and nothing else",
        len(people) == 1 and door["refused"] == refused,
        f"people known: {len(people)}; refused at the door: {door['refused']}",
    )


def _run_door(house: House, source: str | Path, *options: str) -> list[Answer]:
    decisions = house.do("checkpoint", "run", DOOR, "--source", source, *options)["decisions"]
    return decisions if isinstance(decisions, list) else []


def _person(portrait: Portrait, camera: str | None) -> Answer:
    if camera:
        return {"display_name": "You"}
    return {
        "display_name": portrait.name,
        "full_name": portrait.full_name,
        "document": {"number": portrait.document_number},
        "employer": portrait.employer,
        "badge_number": portrait.badge,
    }


def _consent(client: httpx.Client, person: str) -> None:
    _created(
        client,
        f"/v1/people/{person}/consents",
        json={
            "notice": "Demonstration notice",
            "notice_version": "1",
            "purposes": ["verify", "identify", "passages"],
            "given_how": "made up for the demonstration",
        },
    )


def _assessment(folder: Path) -> Path:
    path = folder / "assessment.txt"
    path.write_text("A made-up data-protection impact assessment, for the demonstration.\n", encoding="utf-8")
    return path


def _created(client: httpx.Client, path: str, json: Answer) -> Answer:
    answer: Answer = client.post(path, json=json).raise_for_status().json()
    return answer


def _enrol(client: httpx.Client, person: str, photo: bytes) -> httpx.Response:
    return _post_photo(client, f"/v1/people/{person}/enrolments", photo, {})


def _verify(client: httpx.Client, person: str, photo: bytes) -> Answer:
    answer: Answer = _post_photo(client, "/v1/verifications", photo, {"person": person}).raise_for_status().json()
    return answer


def _post_photo(client: httpx.Client, path: str, photo: bytes, fields: dict[str, str]) -> httpx.Response:
    return client.post(path, files={"photo": ("photo", photo)}, data=fields)


def _told(decision: Answer) -> str:
    rate = decision.get("fmr")
    return f"{decision['decision']}: {decision['reason']}" + (
        f", at one false match in {1 / rate:,.0f}" if rate else ""
    )
