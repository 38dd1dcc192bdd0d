"""`doorward token`: credentials of the HTTP interface."""

import re
from datetime import UTC, date, datetime, time, timedelta

import click
from rich.table import Table

from doorward.cli.opening import with_site
from doorward.cli.output import console, json_option, print_json
from doorward.errors import WrongUse
from doorward.kernel.permissions import TOKEN_SCOPES, Scope
from doorward.wiring.face.site import Site
from doorward.wiring.face.tokens import DEFAULT_LIFETIME, Token
from doorward.wiring.serving import tokens_of

_DAYS = re.compile(r"([0-9]{1,4})d")


@click.group()
def token() -> None:
    """Make, list and revoke the tokens with which programs use the server.

    \b
    Example:
      doorward token list
    """


@token.command()
@click.option("--name", required=True, help="Whose it is; the name stands in the log of every act.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope if scope in TOKEN_SCOPES]),
    help="What it may be used for; give the option again for more.",
)
@click.option(
    "--expires", help=f"A day such as 2027-01-31, or days such as 30d; {DEFAULT_LIFETIME.days}d if not given."
)
@json_option
@with_site
def create(site: Site, name: str, scopes: tuple[str, ...], expires: str | None, as_json: bool) -> None:
    """Make a token. It is shown now and never again.

    \b
    Example:
      doorward token create --name "front desk" --scope people:read --scope verify --expires 30d
    """
    now = site.stores.vault.clock.now()
    lifetime = DEFAULT_LIFETIME if expires is None else _lifetime(expires, now)
    secret, made = tokens_of(site).create(name, frozenset(Scope(scope) for scope in scopes), lifetime)
    if as_json:
        print_json({"token": secret, **_token_json(made, now)})
        return
    click.echo(secret)
    click.echo(
        f"It is shown this once, and expires on {made.expires_at:%Y-%m-%d}. Keep it as you keep a key.", err=True
    )
    click.echo(f"Next: doorward serve --site {site.folder}", err=True)


@token.command(name="list")
@json_option
@with_site
def list_tokens(site: Site, as_json: bool) -> None:
    """List the tokens that were made, with their scopes and whether they still hold.

    \b
    Example:
      doorward token list --json
    """
    now = site.stores.vault.clock.now()
    known = tokens_of(site).all()
    if as_json:
        print_json({"tokens": [_token_json(one, now) for one in known]})
        return
    table = Table("Name", "State", "Expires", "Scopes", box=None, pad_edge=False)
    for one in known:
        table.add_row(one.name, _state(one, now), f"{one.expires_at:%Y-%m-%d}", " ".join(sorted(one.scopes)))
    console().print(table if known else "There is no token; make one with `doorward token create`.")


@token.command()
@click.argument("name")
@json_option
@with_site
def revoke(site: Site, name: str, as_json: bool) -> None:
    """End the token NAME now; the server refuses it from its next request on.

    \b
    Example:
      doorward token revoke "front desk"
    """
    ended = tokens_of(site).revoke(name)
    if as_json:
        print_json(_token_json(ended, site.stores.vault.clock.now()))
    else:
        click.echo(f"The token {ended.name} is revoked.")


def _lifetime(text: str, now: datetime) -> timedelta:
    """A number of days, or up to the end of a day in UTC."""
    if days := _DAYS.fullmatch(text):
        return timedelta(days=int(days[1]))
    try:
        last = date.fromisoformat(text)
    except ValueError:
        raise WrongUse("--expires takes a day such as 2027-01-31, or days such as 30d.") from None
    return datetime.combine(last, time.max, UTC) - now


def _state(one: Token, now: datetime) -> str:
    if one.revoked_at is not None:
        return "revoked"
    return "valid" if one.is_valid(now) else "expired"


def _token_json(one: Token, now: datetime) -> dict[str, object]:
    return {
        "name": one.name,
        "scopes": sorted(one.scopes),
        "state": _state(one, now),
        "created_at": one.created_at.isoformat(timespec="seconds"),
        "expires_at": one.expires_at.isoformat(timespec="seconds"),
        "revoked_at": one.revoked_at.isoformat(timespec="seconds") if one.revoked_at else None,
    }
