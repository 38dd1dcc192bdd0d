"""Making a site, and choosing its profile."""

from pathlib import Path

import click

from doorward.cli.attack_checks import asked_for, in_words, none_option, require_option
from doorward.cli.opening import passphrase_option, with_site
from doorward.cli.output import json_option, print_json
from doorward.cli.providers import ask_new_secret, provider_options
from doorward.errors import WrongUse
from doorward.face.pad import told_methods
from doorward.wiring.face.opening import create_site, vacant
from doorward.wiring.face.profile import Profile
from doorward.wiring.face.providers import ProviderChoice
from doorward.wiring.face.site import Site


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@provider_options
@passphrase_option
@click.option("--store", metavar="URL", help="An empty PostgreSQL database for the data: postgresql://ROLE@HOST/NAME.")
@json_option
def init(folder: Path, choice: ProviderChoice, passphrase_file: Path | None, store: str | None, as_json: bool) -> None:
    """Make a new site in FOLDER, locked by a passphrase, a key file, the system's keyring or a PKCS #11 token.

    The keys always lie in FOLDER. The data lies there too, or in a PostgreSQL database of its own.

    \b
    Example:
      doorward init my-site
      doorward init my-site --key-file /media/usb/my-site.key
      doorward init my-site --provider keyring
      doorward init my-site --store "postgresql://doorward@/doorward?host=/var/run/postgresql"
    """
    provider = choice.provider
    vacant(folder)
    if provider == "key-file" and passphrase_file is not None:
        raise WrongUse("Choose one: a passphrase, or a key file.")
    secret = ask_new_secret(choice, passphrase_file) if provider in ("passphrase", "pkcs11") else None
    settings = create_site(folder, passphrase=secret, choice=choice, store=store)
    if as_json:
        print_json({"site": settings.site, "folder": str(folder), "provider": provider})
        return
    click.echo(f"Made the site {folder}. Its files tell nobody anything without the {provider.replace('-', ' ')}:")
    click.echo("keep that apart from the site and its backups, for without it nothing can be read again.")
    click.echo(f'Next: doorward people add "Ada Lovelace" --site {folder}')


@click.group()
def profile() -> None:
    """Verification only, or identification too.

    \b
    Example:
      doorward profile show
    """


@profile.command()
@json_option
@with_site
def show(site: Site, as_json: bool) -> None:
    """Show what the site does with faces.

    \b
    Example:
      doorward profile show --json
    """
    _tell(site, site.profiles.current(), as_json)


@profile.command()
@click.option("--dpia", type=click.Path(path_type=Path), required=True, help="The signed impact assessment.")
@click.option("--title", help="Its title; the file's name if not given.")
@click.option("--notice", required=True, help="The notice shown to people, and its version.")
@json_option
@with_site
def identify(site: Site, dpia: Path, title: str | None, notice: str, as_json: bool) -> None:
    """Switch identification on, recording the data-protection impact assessment it rests on.

    \b
    Example:
      doorward profile identify --dpia assessment.pdf --notice "Door notice 3"
    """
    try:
        assessment = dpia.read_bytes()
    except OSError:
        raise WrongUse(f"The assessment {dpia} cannot be read; check its name and rights.") from None
    now = site.stores.vault.clock.now()
    _tell(site, site.profiles.identify(assessment, title or dpia.name, notice, now), as_json)


@profile.command()
@json_option
@with_site
def verify(site: Site, as_json: bool) -> None:
    """Switch identification off again.

    \b
    Example:
      doorward profile verify
    """
    _tell(site, site.profiles.verify(), as_json)


@profile.command()
@click.argument("choice", type=click.Choice(["keep", "discard"]))
@json_option
@with_site
def photos(site: Site, choice: str, as_json: bool) -> None:
    """Keep enrolment photos (sealed, and only of people who consent to it), or discard them.

    \b
    Example:
      doorward profile photos discard
    """
    _tell(site, site.profiles.keep_photos(choice == "keep"), as_json)


@profile.command()
@click.option(
    "--at-enrolment", is_flag=True, help="Ask for them when somebody is enrolled or confirmed before a camera, instead."
)
@require_option
@none_option
@json_option
@with_site
def attacks(site: Site, at_enrolment: bool, required: tuple[str, ...], nothing: bool, as_json: bool) -> None:
    """Ask for checks against presentation attacks in every verification and identification of the site.

    A checkpoint can ask for more, never for less. With movements asked for, a photo alone is refused.

    \b
    Example:
      doorward profile attacks --require passive
      doorward profile attacks --at-enrolment --require passive --require active
      doorward profile attacks --none
    """
    checks = asked_for(required, nothing=nothing)
    if at_enrolment:
        site.pad_policies.require_at_enrolment(site.actor, checks)
    else:
        site.pad_policies.require(site.actor, checks)
    _tell(site, site.profiles.current(), as_json)


@profile.command()
@click.argument("rate", type=float)
@json_option
@with_site
def fpir(site: Site, rate: float, as_json: bool) -> None:
    """Say how many strangers a search may name wrongly: RATE is a share, .01 if nothing was said.

    The threshold of each search follows it and the number of people who may pass. A checkpoint may have another.

    \b
    Example:
      doorward profile fpir 0.005
    """
    site.search_policy.allow(site.actor, rate)
    _tell(site, site.profiles.current(), as_json)


def _tell(site: Site, now: Profile, as_json: bool) -> None:
    checks, at_enrolment = site.pad_policies.required(), site.pad_policies.at_enrolment()
    if as_json:
        print_json(
            {
                "profile": now.name.value,
                "keep_photos": now.keep_photos,
                "assessment_title": now.assessment_title,
                "assessment_sha256": now.assessment_sha256,
                "notice": now.notice,
                "recorded_at": now.recorded_at,
                "attack_checks": told_methods(checks),
                "fpir": site.search_policy.fpir(),
                "attack_checks_at_enrolment": told_methods(at_enrolment),
            }
        )
        return
    if now.identifies:
        click.echo(f"Identification is on, resting on “{now.assessment_title}” (SHA-256 {now.assessment_sha256}),")
        click.echo(f"recorded at {now.recorded_at}; people are shown “{now.notice}”.")
        click.echo(f"A search may name a stranger wrongly once in {1 / site.search_policy.fpir():,.0f} times.")
    else:
        click.echo("Verification only: a person is compared with whom they claim to be. Identification is off.")
    click.echo(f"Enrolment photos are {'kept, sealed' if now.keep_photos else 'discarded'}.")
    click.echo(f"Checks against presentation attacks that are asked for everywhere: {in_words(checks)}.")
    click.echo(f"At enrolment and confirmation before a camera: {in_words(at_enrolment)}.")
