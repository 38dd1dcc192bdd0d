"""`doorward device`: machines that run cameras, invited by an operator and joined to the site."""

from pathlib import Path

import click
from rich.table import Table

from doorward.cli.opening import with_site
from doorward.cli.output import console, json_option, print_json
from doorward.passages.device import Device
from doorward.wiring.face.joined_device import JoinedDevice, join_site
from doorward.wiring.face.site import Site
from doorward.wiring.serving import certificate_fingerprint

device_folder = click.option(
    "--device", "folder", type=click.Path(path_type=Path), required=True, help="The folder that the device joined in."
)


@click.group()
def device() -> None:
    """Machines that run cameras: invited here, joined there, each with a key of its own.

    \b
    Example:
      doorward device list
    """


@device.command()
@click.argument("name")
@click.option("--checkpoint", "checkpoints", multiple=True, required=True, help="It acts for this one; repeatable.")
@click.option(
    "--certificate", type=click.Path(path_type=Path), help="What `serve --certificate` shows, if not the site's."
)
@json_option
@with_site
def invite(site: Site, name: str, checkpoints: tuple[str, ...], certificate: Path | None, as_json: bool) -> None:
    """Print a code with which one machine can join within an hour, and then no other.

    \b
    Example:
      doorward device invite "Lobby camera" --checkpoint "Main door"
    """
    doors = [site.doorkeeper.named(one) for one in checkpoints]
    shown = certificate_fingerprint(site, certificate)
    code, ends = site.devices.invite(site.actor, name, doors, shown)
    if as_json:
        print_json({"code": str(code), "ends": ends.isoformat(timespec="seconds")})
        return
    click.echo(str(code))
    click.echo(f"It is shown this once, and lets one machine join until {ends:%H:%M} UTC. On that machine:", err=True)
    click.echo("  doorward device join https://SITE:8443 CODE --to lobby", err=True)


@device.command()
@click.argument("address")
@click.argument("code")
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="A new folder for the device.")
@json_option
def join(address: str, code: str, folder: Path, as_json: bool) -> None:
    """Make this machine the device that CODE invites, of the site served at ADDRESS.

    Its key is made here and stays here. The site's certificate is pinned: the code tells which it is.

    \b
    Example:
      doorward device join https://192.0.2.7:8443 CODE --to lobby
    """
    joined = join_site(address, code, folder.expanduser().resolve())
    if as_json:
        print_json({"device": joined.device, "name": joined.name, "checkpoints": sorted(joined.checkpoints)})
        return
    click.echo(f"Joined as {joined.name}, for {', '.join(sorted(joined.checkpoints))}.")
    click.echo(f"Whoever has {folder / 'device.key'} is this device; revoke it if that file gets away.")


@device.command(name="list")
@json_option
@with_site
def list_devices(site: Site, as_json: bool) -> None:
    """List the devices, whether they still hold, and the alarms that were raised of them.

    \b
    Example:
      doorward device list --json
    """
    known = site.stores.devices.all()
    if as_json:
        print_json({"devices": [_told(site, one) for one in known]})
        return
    names = site.doorkeeper.names()
    table = Table("Name", "State", "Joined", "Checkpoints", "Alarms", box=None, pad_edge=False)
    for one in known:
        doors = ", ".join(sorted(names.get(door, "removed") for door in one.checkpoints))
        alarms = "; ".join(f"{raised.count} x {raised.alarm.value}" for raised in site.devices.alarms.of(one.id))
        table.add_row(
            one.name, _state(one), f"{one.joined_at:%Y-%m-%d}", doors, f"[red]{alarms}[/]" if alarms else "none"
        )
    console().print(table if known else "There is no device; invite one with `doorward device invite`.")
    for sentence in sorted({raised.alarm.sentence for one in known for raised in site.devices.alarms.of(one.id)}):
        click.echo(sentence)


@device.command()
@click.argument("name")
@json_option
@with_site
def revoke(site: Site, name: str, as_json: bool) -> None:
    """Refuse the device NAME from its next message on.

    \b
    Example:
      doorward device revoke "Lobby camera"
    """
    ended = site.devices.revoke(site.actor, site.stores.devices.named(name))
    if as_json:
        print_json(_told(site, ended))
    else:
        click.echo(f"The device {ended.name} is revoked.")


@device.command()
@click.argument("name")
@click.argument("new_name")
@json_option
@with_site
def rename(site: Site, name: str, new_name: str, as_json: bool) -> None:
    """Call the device NAME by another name.

    \b
    Example:
      doorward device rename "Lobby camera" "Lobby, left"
    """
    renamed = site.devices.rename(site.actor, site.stores.devices.named(name), new_name)
    if as_json:
        print_json(_told(site, renamed))
    else:
        click.echo(f"The device is called {renamed.name} now.")


@device.command()
@click.argument("name")
@click.argument("decides", type=click.Choice(["carried", "nothing"]))
@json_option
@with_site
def offline(site: Site, name: str, decides: str, as_json: bool) -> None:
    """Say what the device NAME decides alone while the site does not answer: nothing, unless told otherwise.

    With `carried` it decides about credentials that people carry. It then holds the key that opens them, in memory,
    for 12 hours after the site's last answer.

    \b
    Example:
      doorward device offline "Lobby camera" carried
    """
    known = site.stores.devices.named(name)
    alone = decides == "carried"
    site.deciding_alone.let(site.actor, known, alone=alone)
    if as_json:
        print_json(_told(site, known))
    else:
        click.echo(f"The device {known.name} {'may' if alone else 'may not'} decide alone about carried credentials.")


@device.command()
@device_folder
@json_option
def deliver(folder: Path, as_json: bool) -> None:
    """Deliver what waits on this device, oldest first. A running checkpoint does so by itself.

    \b
    Example:
      doorward device deliver --device lobby
    """
    with JoinedDevice(folder.expanduser().resolve()) as joined:
        taken = joined.deliver()
        waiting = joined.outbox.count()
    if as_json:
        print_json({"delivered": taken, "waiting": waiting})
    else:
        click.echo(f"Delivered: {taken}; waiting: {waiting}.")


def _state(one: Device) -> str:
    return "revoked" if one.is_revoked else "joined"


def _told(site: Site, one: Device) -> dict[str, object]:
    names = site.doorkeeper.names()
    return {
        "id": one.id,
        "name": one.name,
        "state": _state(one),
        "decides_alone": site.deciding_alone.may(one.id),
        "joined_at": one.joined_at.isoformat(timespec="seconds"),
        "revoked_at": one.revoked_at and one.revoked_at.isoformat(timespec="seconds"),
        "checkpoints": sorted(names[door] for door in one.checkpoints if door in names),
        "alarms": [
            {"alarm": raised.alarm.value, "count": raised.count, "last": raised.last.isoformat(timespec="seconds")}
            for raised in site.devices.alarms.of(one.id)
        ],
    }
