"""`doorward checkpoint run`: on the site's own machine, or on a device that joined the site."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeVar

import click
from rich.live import Live
from rich.table import Table

from doorward.adapters.video.decoding import Decoding
from doorward.adapters.video.watched import Gaps
from doorward.cli.opening import open_named_site, passphrase_option, site_option
from doorward.cli.output import console, json_option, print_json
from doorward.cli.parameters import SOURCE, SOURCE_HELP, hardware_decoding_option
from doorward.errors import WrongUse
from doorward.face.decision import Decision, Reason
from doorward.passages.checkpoint import Checkpoint
from doorward.wiring.face.awaited_factor import AwaitedFactor
from doorward.wiring.face.camera_credentials import CameraCredentials
from doorward.wiring.face.checkpoint_run import CheckpointEvent, run_checkpoint
from doorward.wiring.face.claims import CheckpointClaims, Claims
from doorward.wiring.face.device_checkpoint import Answer, DeviceEvent, Sends, run_on_device
from doorward.wiring.face.doors import Door, door_at
from doorward.wiring.face.joined_device import JoinedDevice
from doorward.wiring.face.site import Site

SHOWN = 8
"""Decisions that the live table shows."""

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the live table, or only a hint below it."""

    row: tuple[str, str, str, str] | None
    hint: str | None = None


@click.command()
@click.argument("name")
@click.option("--source", type=SOURCE, required=True, help=SOURCE_HELP)
@click.option(
    "--badges",
    type=click.File(),
    help="Badge numbers or the texts of credentials' codes, one a line, - for standard input: each person is verified "
    "against the next one.",
)
@click.option(
    "--credentials",
    type=click.Choice(["camera"]),
    help="Read the code of the card that each person holds before the camera of --source; then their face must match.",
)
@click.option(
    "--face-first",
    is_flag=True,
    help="Identify by face, and take a line of --badges only where a face does not decide alone, as with twins; a line "
    "that begins with pin: is a PIN.",
)
@click.option("--presentations", type=click.IntRange(min=1), help="Stop after so many decisions.")
@click.option(
    "--device", type=click.Path(path_type=Path), help="The folder that this device joined in: its site decides."
)
@click.option(
    "--send",
    "sends",
    type=click.Choice([one.value for one in Sends]),
    default=Sends.TEMPLATE.value,
    show_default=True,
    help="What a device sends, sealed to the site: the template, or the picture of the face.",
)
@click.option(
    "--door", "door_file", type=click.Path(path_type=Path), help="The door's settings in TOML: whom it is told by."
)
@hardware_decoding_option
@json_option
@site_option
@passphrase_option
def run(
    name: str,
    source: str,
    badges: TextIO | None,
    credentials: str | None,
    face_first: bool,
    presentations: int | None,
    device: Path | None,
    sends: str,
    door_file: Path | None,
    hardware_decoding: str,
    folder: Path | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Watch a source and decide once a presentation, until it ends or Ctrl-C.

    \b
    Example:
      doorward checkpoint run "Main door" --source rtsp://camera.local/stream
      doorward checkpoint run "Main door" --source camera:0 --badges -
      doorward checkpoint run "Main door" --source camera:0 --badges - --face-first
      doorward checkpoint run "Main door" --source camera:0 --credentials camera
      doorward checkpoint run "Main door" --source camera:0 --device lobby --door door.toml
    """
    if credentials is not None and badges is not None:
        raise WrongUse("Give either --badges FILE or --credentials camera.")
    if face_first and badges is None:
        raise WrongUse("Say where badge numbers and PINs come from: --badges FILE, - for standard input.")
    lines = Claims(badges) if badges else None
    claims: CheckpointClaims | None = CameraCredentials() if credentials is not None else lines
    factor_lines = lines if face_first else None
    claims = None if factor_lines else claims
    decoding = Decoding(hardware_decoding == "auto", _warn)
    if device is not None:
        if folder is not None:
            raise WrongUse("A device has no --site; leave it out.")
        with JoinedDevice(device.expanduser().resolve()) as joined, door_at(door_file, _warn) as driven:
            parts = (joined, name, source, claims, presentations, Sends(sends), driven, decoding)
            _run_on_device(*parts, AwaitedFactor(factor_lines) if factor_lines else None, as_json=as_json)
        return
    factor: AwaitedFactor[Decision] | None = AwaitedFactor(factor_lines) if factor_lines else None
    with open_named_site(folder, passphrase_file) as site, door_at(door_file, _warn) as driven:
        _run_here(site, name, source, claims, presentations, factor, driven, decoding, as_json=as_json)


class Away:
    """When the camera was away, told as it happens, to the door too."""

    def __init__(self, door: Door | None) -> None:
        self._door = door
        self._reason = ""
        self.told: list[dict[str, object]] = []
        self.gaps = Gaps(self._began, self._ended)

    def _began(self, reason: str) -> None:
        self._reason = reason
        _warn(f"The camera is away: {reason}")
        if self._door is not None:
            self._door.fails()

    def _ended(self, seconds: float) -> None:
        self.told.append({"reason": self._reason, "seconds": round(seconds, 1)})
        _warn(f"The camera is back after {seconds:.1f} s.")
        if self._door is not None:
            self._door.works()


def _run_here(
    site: Site,
    name: str,
    source: str,
    claims: CheckpointClaims | None,
    presentations: int | None,
    factor: AwaitedFactor[Decision] | None,
    driven: Door | None,
    decoding: Decoding,
    *,
    as_json: bool,
) -> None:
    door, away = site.doorkeeper.named(name), Away(driven)
    run = run_checkpoint(site, door, source, claims, presentations, factor, away.gaps, decoding)
    events = _until_stopped(_driving(driven, run))
    if as_json:
        decisions = [_event_json(event) for event in events if event.decision is not None]
        print_json({"checkpoint": door.name, "decisions": decisions, "gaps": away.told, **tallies(site, door)})
        return
    last = _show(door.name, events, _shown)
    if last is not None and last.decision is not None:
        click.echo(last.decision.pad.sentence)
    counts = tallies(site, door)
    click.echo(f"Let in since the checkpoint was made: {counts['accepted']}; refused: {counts['refused']}.")


def _run_on_device(
    device: JoinedDevice,
    name: str,
    source: str,
    claims: CheckpointClaims | None,
    presentations: int | None,
    sends: Sends,
    driven: Door | None,
    decoding: Decoding,
    factor: AwaitedFactor[Answer] | None,
    *,
    as_json: bool,
) -> None:
    away = Away(driven)
    run = run_on_device(device, name, source, claims, presentations, sends, away.gaps, decoding, factor)
    events = _until_stopped(_driving_for_site(driven, run))
    if as_json:
        answers = [_answer_json(event.seconds, event.answer) for event in events if event.answer is not None]
        told = {"checkpoint": name, "device": device.identity.name, "decisions": answers, "gaps": away.told}
        print_json(told)
        return
    _show(name, events, _shown_on_device)


def _driving(door: Door | None, events: Iterator[CheckpointEvent]) -> Iterator[CheckpointEvent]:
    for event in events:
        if door is not None and event.decision is not None:
            door.decided(accepted=event.decision.is_accepted)
        yield event


def _driving_for_site(door: Door | None, events: Iterator[DeviceEvent]) -> Iterator[DeviceEvent]:
    for event in events:
        if door is not None and event.answer is not None:
            if event.answer.reason == Reason.SITE_UNREACHABLE:
                door.fails()
            else:
                door.works()
                door.decided(accepted=event.answer.is_accepted, event=event.answer.event)
        yield event


def _warn(sentence: str) -> None:
    click.echo(sentence, err=True)


def _show(name: str, events: Iterable[E], shown: Callable[[E], Shown]) -> E | None:
    """Show events as they come, the last rows in a table; the last event that was a row."""
    rows: list[tuple[str, str, str, str]] = []
    last: E | None = None
    with Live(console=console(), refresh_per_second=8, transient=False) as live:
        for event in events:
            told = shown(event)
            if told.row is not None:
                rows, last = [*rows[-(SHOWN - 1) :], told.row], event
            live.update(_table(name, rows, told.hint))
        live.update(_table(name, rows, None))
    return last


def _shown(event: CheckpointEvent) -> Shown:
    decision = event.decision
    if decision is None:
        return Shown(None, event.hint)
    who = event.name or "nobody known"
    return Shown((f"{event.seconds:.1f}", _outcome(decision.is_accepted), who, decision.sentence))


def _shown_on_device(event: DeviceEvent) -> Shown:
    answer = event.answer
    if answer is None:
        return Shown(None, event.hint)
    who = "somebody known" if answer.is_accepted else "nobody known"
    return Shown((f"{event.seconds:.1f}", _outcome(answer.is_accepted), who, answer.sentence))


def _outcome(is_accepted: bool) -> str:
    return "[green]let in[/]" if is_accepted else "[red]refused[/]"


def _table(name: str, rows: Iterable[tuple[str, str, str, str]], hint: str | None) -> Table:
    table = Table("Second", "Decision", "Who", "Why", title=f"Checkpoint {name}", caption=hint or " ")
    for row in rows:
        table.add_row(*row)
    return table


def _until_stopped(events: Iterator[E]) -> Iterator[E]:
    """Ctrl-C is how a camera's run ends: a normal end."""
    with suppress(KeyboardInterrupt):
        yield from events


def _event_json(event: CheckpointEvent) -> dict[str, object]:
    decision = event.decision.to_json() if event.decision is not None else {}
    return {"seconds": round(event.seconds, 2), "passage_recorded": event.recorded, **decision}


def _answer_json(seconds: float, answer: Answer) -> dict[str, object]:
    return {
        "seconds": round(seconds, 2),
        "decision": "accepted" if answer.is_accepted else "refused",
        "reason": answer.reason,
        "sentence": answer.sentence,
        "event": answer.event,
        "retry_after": answer.retry_after,
    }


def tallies(site: Site, door: Checkpoint) -> dict[str, int]:
    return {counter.value: count for counter, count in site.doorkeeper.tallies(door).items()}
