"""What ``--json`` prints has the names that docs/json.md shows, command by command."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from commands_in_process import run_json
from documented_names import documented, fits, shape
from doorward.adapters.stores.crowd.alarm_store import alarms_beside
from doorward.adapters.stores.crowd.interval_store import open_interval_store
from doorward.crowd.alarms import Alarm as CrowdAlarm
from doorward.crowd.alarms import AlarmKind
from doorward.demo import command as demo_command
from doorward.demo.checkpoint_clip import make_checkpoint_clip
from doorward.demo.claims import Claim
from doorward.demo.portraits import Portrait, eileen_collins, grace_hopper
from doorward.wiring.face.device_alarms import Alarm
from doorward.wiring.face.site import open_site
from drawn_documents import drawn_page
from fakes.crowd_files import write_overhead_clip, write_walks
from fakes.crowd_intervals import full_quarter
from integration.http.running import run as serve
from live_views import deciding
from portraits import encoded
from throwaway_sites import site_with_key_file

# Run whole by tests of their own, which hold them against the same names.
ELSEWHERE = {
    "checkpoint run --device",
    "unseal",
    "seal",
    "evaluate pairs",
    "evaluate people",
    "evaluate pad",
    "evaluate credentials",
    "evaluate search",
    "bench checkpoint",
    "bench door",
    "bench identify",
    "evaluate tail",
    "crowd evaluate --counts",
    "bench crowd",
    "bench distortions",
    "breach-test",
    "bench face",
    "bench faults",
    "bench faults --passages",
    "bench passages",
    "bench seal",
    "bench trackers",
    "bench verify",
    "serve",
    "people import",
    "people import people.moving",
    "people moved",
    "site card",
    "site list",
    "admin signatory list",
}
ELSEWHERE |= {"migrate", "store grant", "store machine", "crowd store"}
ELSEWHERE |= {f"people move {name}" for name in ("ask", "write", "list")}
ELSEWHERE |= {f"hold {name}" for name in ("request", "approve", "list", "passages", "lift")}
ELSEWHERE |= {f"backup {name}" for name in ("identity", "create", "keys", "ledger", "restore", "drill")}
ELSEWHERE |= {f"thresholds {name}" for name in ("list", "use", "remove")}
ELSEWHERE |= {f"people receipt {name}" for name in ("issue", "key", "verify")}

Run = Callable[..., dict[str, Any]]


def answers(run: Run, folder: Path, hopper: Portrait, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Any]]:
    """A site's life, command by command: what was called, and what it printed."""
    yield "init", run("init", folder / "second", "--key-file", folder / "second.key")
    yield "profile show", run("profile", "show")
    assessment = folder / "assessment.pdf"
    assessment.write_bytes(b"signed")
    yield "profile identify", run("profile", "identify", "--dpia", assessment, "--notice", "Notice 1")
    yield "profile attacks", run("profile", "attacks", "--none")
    yield "profile photos", run("profile", "photos", "keep")
    yield "profile fpir", run("profile", "fpir", "0.02")
    added = run("people", "add", "Grace Hopper", "--badge", "4711", "--document-number", "X1")
    person = added["id"]
    yield "people add", added
    purposes = [part for purpose in ("verify", "identify", "passages") for part in ("--purpose", purpose)]
    consent = run("people", "consent", person, "--notice", "N", "--notice-version", "1", "--how", "form", *purposes)
    yield "people consent", consent
    yield "people enrol", run("people", "enrol", person, "--photo", hopper.path)
    yield "people invite", run("people", "invite", person)
    clip = make_checkpoint_clip(folder / "clip.mp4", [hopper, eileen_collins()])
    recorded = ("--source", clip, "--unsafe-recorded-source")
    yield "people confirm", run("people", "confirm", person, *recorded, "--officer", "O")
    yield "people update", run("people", "update", person, "--photo", hopper.path)
    drawn = run("people", "pin", person, "--draw")
    yield "people pin", drawn
    yield "people permit", run("people", "permit", person, "staff")
    night = ("--from", "2026-12-01", "--until", "2099-03-01T18:00+01:00")
    yield "people permit", run("people", "permit", person, "night", *night)
    yield "people leave", run("people", "leave", person, "night")
    yield "verify", run("verify", hopper.path, "--person", person)
    yield "attempts list", run("attempts", "list")
    yield "attempts lift", run("attempts", "lift", "--person", person)
    for card in ("first.png", "second.png"):
        yield "credential issue", run("credential", "issue", person, "--to", folder / card)
    yield "credential list", run("credential", "list")
    yield "credential revoke", run("credential", "revoke", person)
    scan = folder / "scan.png"
    scan.write_bytes(encoded(drawn_page(portrait=hopper.path)))
    yield "document read", run("document", "read", scan)
    yield "verify --document", run("verify", hopper.path, "--document", scan)
    (folder / "scans").mkdir()
    (folder / "scans" / "one.png").write_bytes(scan.read_bytes())
    yield "bench documents", run("bench", "documents", folder / "scans", "--rounds", "1")
    yield "checkpoint add", run("checkpoint", "add", "Main door")
    yield "checkpoint attacks", run("checkpoint", "attacks", "Main door", "--none")
    yield "checkpoint fpir", run("checkpoint", "fpir", "Main door", "0.005")
    yield "thresholds explain", run("thresholds", "explain", "--people", "500")
    invited = run("device", "invite", "Lobby camera", "--checkpoint", "Main door")
    yield "device invite", invited
    with open_site(folder / "site", lambda: "") as site, serve(site) as served:
        yield "device join", run("device", "join", served.address, invited["code"], "--to", folder / "lobby")
        yield "device deliver", run("device", "deliver", "--device", folder / "lobby")
        site.devices.alarms.raised(site.stores.devices.named("Lobby camera"), Alarm.CLONED)
    yield "device list", run("device", "list")
    yield "device rename", run("device", "rename", "Lobby camera", "Lobby, left")
    yield "device offline", run("device", "offline", "Lobby, left", "carried")
    yield "device revoke", run("device", "revoke", "Lobby, left")
    yield "identify", run("identify", hopper.path, "--checkpoint", "Main door")
    yield "checkpoint run", run("checkpoint", "run", "Main door", "--source", clip)
    yield "checkpoint list", run("checkpoint", "list")
    yield "checkpoint reading-span", run("checkpoint", "reading-span", "12")
    with deciding(folder / "site"):
        yield "live watch", run("live", "watch", "--events", 1)
    yield "checkpoint passages", run("checkpoint", "passages", person, "--purpose", "test")
    (folder / "pin").write_text(drawn["pin"])
    own = ("--badge", "4711", "--pin-file", folder / "pin")
    yield "people own-passages", run("people", "own-passages", *recorded, *own)
    yield "statistics", run("statistics", "--by", "day")
    run("checkpoint", "add", "Main door, out")
    ways = ("--entry", "Main door", "--exit", "Main door, out")
    yield "presence on", run("presence", "on", *ways, "--notice", "Evacuation notice 2")
    yield "presence show", run("presence", "show", "--purpose", "drill")
    yield "presence off", run("presence", "off")
    yield "people show", run("people", "show", person)
    yield "people list", run("people", "list")
    yield "people list --needs-enrolment", run("people", "list", "--needs-enrolment")
    yield "people withdraw", run("people", "withdraw", person, consent["consent"])
    (folder / "witness").mkdir()
    yield "audit witness", run("audit", "witness", "--folder", folder / "witness")
    yield "audit show", run("audit", "show")
    yield "audit checkpoint", run("audit", "checkpoint")
    yield "audit prove", run("audit", "prove", 1)
    yield "audit verify", run("audit", "verify")
    made = run("token", "create", "--name", "desk", "--scope", "verify")
    yield "token create", made
    yield "token list", run("token", "list")
    yield "token revoke", run("token", "revoke", "desk")
    secret = folder / "secret"
    secret.write_text("a secret of many words\n")
    yield "admin secret", run("admin", "secret", "--secret-file", secret)
    yield "admin contact", run("admin", "contact", "mailto:security@example.org")
    video, scene = write_overhead_clip(folder)
    yield "crowd run", run("crowd", "run", "hall", "--source", video, "--scene", scene)
    yield "crowd intervals", run("crowd", "intervals", "hall")
    corners = ("0,0:0,4.5", "320,0:8,4.5", "320,180:8,0", "0,180:0,0")
    points = [part for corner in corners for part in ("--point", corner)]
    drawn = scene.with_name("drawn.toml")
    zone = ("--zone", "hall:1,1:7,1:7,4:1,4", "--mount-height", "2")
    yield "crowd scene make", run("crowd", "scene", "make", drawn, "--source", video, *points, *zone)
    yield "crowd scene check", run("crowd", "scene", "check", drawn, "--source", video)
    yield "crowd scene draw", run("crowd", "scene", "draw", drawn, drawn.with_name("other.svg"))
    with open_interval_store(folder / "site") as store:
        store.add([full_quarter()])
        alarms_beside(store).put(CrowdAlarm("a", "hall", "platform", AlarmKind.SAFETY, 2, datetime.now(UTC)))
    drawing = ("--out", folder / "hall.svg")
    yield "crowd picture", run("crowd", "picture", "density", "hall", *drawing)
    yield "crowd looks", run("crowd", "looks")
    yield "crowd acknowledge", run("crowd", "acknowledge", "a", "--by", "control room")
    yield "crowd alarms", run("crowd", "alarms")
    noon = ("--from", "2026-05-01T12:00Z", "--to", "2026-05-01T13:00Z")
    yield "crowd publish", run("crowd", "publish", "hall", *noon, "--out", folder)
    walks, clicks = write_walks(folder), folder / "clicks.csv"
    yield "crowd evaluate", run("crowd", "evaluate", "--trajectories", walks, "--scene", scene)
    clicks.write_text("3.9,door,in\n")
    yield "crowd evaluate --clicks", run("crowd", "evaluate", "--clicks", clicks, "--source", video, "--scene", scene)
    yield "models list", run("models", "list")
    yield "models verify", run("models", "verify")
    yield "doctor", run("doctor")
    yield "people export", run("people", "export", person, "--to", folder / "person.json")
    yield "record-of-processing", run("record-of-processing")
    yield "incident", run("incident", "--from", "2000-01-01", "--to", "2100-01-01")
    yield "keys rotate site", run("keys", "rotate", "site")
    yield "keys rotate person", run("keys", "rotate", "person", person)
    yield "keys provider change", run("keys", "provider", "change", "--key-file", folder / "third.key")
    yield "keys provider forget", run("keys", "provider", "forget")
    yield "keys status", run("keys", "status")
    yield "people erase", run("people", "erase", person)
    yield "profile verify", run("profile", "verify")
    monkeypatch.setattr(demo_command, "_tell", lambda *_: iter([Claim("Water runs downhill", ok=True, detail="seen")]))
    yield "demo", run("demo")


def test_every_answer_has_the_documented_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOORWARD_SITE", str(site_with_key_file(tmp_path)))

    def run(*arguments: object) -> dict[str, Any]:
        status, answer = run_json(capsys, *arguments)
        assert status == 0, answer
        return answer

    shown = documented()
    printed = dict(answers(run, tmp_path, grace_hopper(), monkeypatch))
    assert {name: answer for name, answer in printed.items() if not fits(shown.get(name), shape(answer))} == {}
    assert shown.keys() - printed.keys() <= ELSEWHERE | {"models pull"}
