"""`doorward live`: what comes about at the site, here or told to a broker."""

import json
from collections.abc import Generator
from contextlib import closing, suppress
from pathlib import Path

import click

from doorward.cli.opening import with_site
from doorward.cli.output import json_option
from doorward.passages.live import LiveEvent
from doorward.settings.live import read_live
from doorward.wiring.face.live_broker import LiveBroker
from doorward.wiring.face.site import Site


@click.group()
def live() -> None:
    """Follow what is decided, and which cameras and devices are here. Never who it was.

    \b
    Example:
      doorward live watch
    """


@live.command()
@click.option("--events", type=click.IntRange(min=1), help="Stop after so many.")
@json_option
@with_site
def watch(site: Site, events: int | None, as_json: bool) -> None:
    """Show what comes about, a line each, until Ctrl-C; with --json an object a line.

    \b
    Example:
      doorward live watch --json
    """
    _show(_watched(site), events, as_json=as_json)


@live.command()
@click.argument("settings", type=click.Path(path_type=Path))
@click.option("--events", type=click.IntRange(min=1), help="Stop after so many.")
@json_option
@with_site
def publish(site: Site, settings: Path, events: int | None, as_json: bool) -> None:
    """Tell an MQTT broker, and Home Assistant if the file SETTINGS says so, until Ctrl-C.

    \b
    Example:
      doorward live publish live.toml
    """
    broker = LiveBroker(site, read_live(settings), lambda sentence: click.echo(sentence, err=True))
    _show(broker.follow(), events, as_json=as_json)


def _watched(site: Site) -> Generator[LiveEvent]:
    with site.live.follow() as following:
        while True:
            yield from following.next()


def _show(events: Generator[LiveEvent], most: int | None, *, as_json: bool) -> None:
    shown = 0
    with suppress(KeyboardInterrupt), closing(events):
        click.echo("Following until Ctrl-C.", err=True)
        for event in events:
            click.echo(json.dumps(event.to_json()) if as_json else _in_words(event))
            shown += 1
            if shown == most:
                return


def _in_words(event: LiveEvent) -> str:
    about = f"{event.kind.about} {event.name}" if event.name is not None else "no checkpoint named"
    return f"{event.at:%H:%M:%S} UTC  {event.kind.value:<8}  {event.told:<8}  {about}"
