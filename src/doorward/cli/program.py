"""The command tree, loaded lazily, and the one place where an error becomes words and an exit status."""

import importlib
import os
import sqlite3
import traceback
from collections.abc import Sequence

import click

from doorward import __version__
from doorward.cli.output import print_error
from doorward.errors import DoorwardError, InternalError, StorageError, WrongUse
from doorward.settings.environment import traceback_wanted

COMMANDS = {
    "init": "doorward.cli.site:init",
    "demo": "doorward.demo.command:demo",
    "people": "doorward.cli.people:people",
    "credential": "doorward.cli.credential:credential",
    "verify": "doorward.cli.decisions:verify",
    "attempts": "doorward.cli.attempts:attempts",
    "identify": "doorward.cli.decisions:identify",
    "document": "doorward.cli.document:document",
    "profile": "doorward.cli.site:profile",
    "site": "doorward.cli.site_card:site",
    "checkpoint": "doorward.cli.checkpoint:checkpoint",
    "statistics": "doorward.cli.statistics:statistics",
    "hold": "doorward.cli.hold:hold",
    "presence": "doorward.cli.presence:presence",
    "live": "doorward.cli.live:live",
    "device": "doorward.cli.device:device",
    "crowd": "doorward.cli.crowd.group:crowd",
    "audit": "doorward.cli.audit:audit",
    "serve": "doorward.cli.serve:serve",
    "token": "doorward.cli.token:token",
    "admin": "doorward.cli.admin:admin",
    "unseal": "doorward.cli.sealing:unseal",
    "seal": "doorward.cli.sealing:seal",
    "keys": "doorward.cli.keys:keys",
    "models": "doorward.cli.models:models",
    "evaluate": "doorward.cli.evaluate:evaluate",
    "thresholds": "doorward.cli.thresholds:thresholds",
    "bench": "doorward.cli.bench:bench",
    "doctor": "doorward.cli.doctor:doctor",
    "record-of-processing": "doorward.cli.rights:record_of_processing",
    "incident": "doorward.cli.rights:incident",
    "backup": "doorward.cli.backup:backup",
    "migrate": "doorward.cli.migrate:migrate",
    "store": "doorward.cli.store:store",
    "breach-test": "doorward.cli.breach:breach_test",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called for, so that crowd never loads face."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="doorward %(version)s")
def program() -> None:
    """Faces verified, enrolled people identified, crowds counted, strangers forgotten.

    Start with `doorward demo`, then `doorward init my-site`.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns 0 (done, yes), 1 (could not run), 2 (wrong use) or 3 (the answer is no)."""
    as_json = "--json" in arguments
    try:
        status = program.main(args=list(arguments), prog_name="doorward", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return WrongUse.exit_status
    except click.UsageError as error:
        hint = f" See `{error.ctx.command_path} --help`." if error.ctx else ""
        return print_error(WrongUse(error.format_message() + hint), as_json)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return 130
    except BrokenPipeError:
        return 1
    except DoorwardError as error:
        return print_error(error, as_json)
    except (OSError, sqlite3.Error) as error:
        return print_error(storage_error(error), as_json)
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches a user
        if traceback_wanted():
            traceback.print_exc()
        name = type(error).__name__
        return print_error(
            InternalError(
                f"Doorward met a fault of its own ({name}); run again with DOORWARD_TRACEBACK=1 and report the output."
            ),
            as_json,
        )


def storage_error(error: OSError | sqlite3.Error) -> StorageError:
    """The system's refusal in words: full disk, read-only folder, missing file."""
    reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
    return StorageError(f"The system refused a file operation ({reason}); check the folder, its rights and free space.")
