"""`doorward models`: which models there are, where they lie, and that they are the right ones."""

from pathlib import Path

import click
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from doorward.adapters.documents.cards import DOCUMENT_CARDS
from doorward.adapters.face.cards import FACE_CARDS
from doorward.adapters.face.embedder_card import is_non_commercial
from doorward.adapters.models.card import ModelCard
from doorward.adapters.models.library import ModelPlaces
from doorward.adapters.models.people_cards import PEOPLE_CARDS
from doorward.cli.output import console, json_option, print_json, progress_console
from doorward.errors import ModelError, ModelMissing, NotFound
from doorward.settings.embedders import embedder_cards
from doorward.settings.environment import site_folder
from doorward.settings.site import FILE_NAME, read_site_settings

CARDS = {card.name: card for card in (*FACE_CARDS, *DOCUMENT_CARDS, *PEOPLE_CARDS)}
MODEL_FOLDER = "models"

site_option = click.option(
    "--site",
    type=click.Path(path_type=Path),
    help="The site's folder; otherwise DOORWARD_SITE, or the folder you are in.",
)


@click.group()
def models() -> None:
    """Show, check and fetch the models that find and compare faces, people and text.

    Example: doorward models list
    """


@models.command("list")
@site_option
@json_option
def list_command(site: Path | None, as_json: bool) -> None:
    """Every model Doorward knows, or a card in the site describes: by whom, under which licence, and where it lies.

    Example:

    doorward models list --json
    """
    places = _places(site)
    found = [(card, _located(card, places)) for card in _cards(places)]
    if as_json:
        print_json({"models": [{**_told(card), "path": str(path) if path else None} for card, path in found]})
        return
    table = Table(title="Models")
    for heading in ("name", "task", "licence", "here"):
        table.add_column(heading)
    for card, path in found:
        where = _missing(card) if path is None else _origin(card, path, places)
        forbids = "\n[bold red]FORBIDS COMMERCIAL USE[/]" if is_non_commercial(card.licence) else ""
        table.add_row(card.name, card.task, escape(card.licence) + forbids, where)
    console().print(table)


@models.command("verify")
@site_option
@json_option
def verify_command(site: Path | None, as_json: bool) -> int:
    """Check every model file that is here: its SHA-256, that it is plain ONNX, that it keeps nothing elsewhere.

    Exit status 3 when one is refused, or one that serves by default is missing.

    \b
    Example:
      doorward models verify
    """
    from doorward.adapters.models.opening import read_model  # loads the ONNX library

    places = _places(site)
    results: list[tuple[ModelCard, str | None, str]] = []
    for card in _cards(places):
        try:
            read_model(card, places)
            results.append((card, None, "ok"))
        except ModelMissing as missing:
            if card.name in places.paths or card.packaged is not None or card.name not in CARDS:
                results.append((card, missing.code, missing.message))
        except ModelError as refused:
            results.append((card, refused.code, refused.message))
    all_good = all(code is None for _, code, _ in results)
    if as_json:
        checked = [
            {"name": card.name, "sha256": card.sha256, "ok": not code, "code": code} for card, code, _ in results
        ]
        print_json({"ok": all_good, "models": checked})
    else:
        table = Table(title="Models that are here")
        for heading in ("name", "SHA-256", "result"):
            table.add_column(heading)
        for card, _, words in results:
            table.add_row(card.name, card.sha256[:16] + "…", words)
        console().print(table)
    return 0 if all_good else 3


@models.command("pull")
@click.argument("name")
@site_option
@json_option
def pull_command(name: str, site: Path | None, as_json: bool) -> None:
    """Fetch the model NAME from its maker into the site's folder models/, checked against its SHA-256. Example:

    doorward models pull yolox-nano --site my-site
    """
    from doorward.adapters.models.download import pull_model

    card = CARDS.get(name)
    if card is None:
        raise NotFound(f"There is no model {name}; known are {', '.join(CARDS)}.")
    folder = _site(site)
    read_site_settings(folder)
    with Progress(console=progress_console(), transient=True) as progress:
        task = progress.add_task(name, total=card.size)
        path = pull_model(card, folder / MODEL_FOLDER, lambda done: progress.update(task, completed=done))
    if as_json:
        print_json({"name": name, "path": str(path), "sha256": card.sha256})
    else:
        console().print(f"{name} is at {path}, and is the pinned file.")


def _site(site: Path | None) -> Path:
    return site if site is not None else site_folder()


def _places(site: Path | None) -> ModelPlaces:
    """A site's places; only the packages when no site was named and none is here."""
    folder = _site(site)
    if site is None and not (folder / FILE_NAME).is_file():
        return ModelPlaces()
    return ModelPlaces(folder / MODEL_FOLDER, read_site_settings(folder).models)


def _cards(places: ModelPlaces) -> tuple[ModelCard, ...]:
    return (*CARDS.values(), *(embedder.card for embedder in embedder_cards(places.folder)))


def _missing(card: ModelCard) -> str:
    return f"no; doorward models pull {card.name}" if card.url else f"no; put {card.file} into the site's models/"


def _located(card: ModelCard, places: ModelPlaces) -> Path | None:
    try:
        return places.find(card)
    except ModelMissing:
        return None


def _origin(card: ModelCard, path: Path, places: ModelPlaces) -> str:
    if card.name in places.paths:
        return f"{path} (settings)"
    if places.folder is not None and path.parent == places.folder:
        return f"{path} (site)"
    return f"installed package {card.packaged.package}" if card.packaged else str(path)


def _told(card: ModelCard) -> dict[str, object]:
    return {
        "name": card.name,
        "task": card.task,
        "maker": card.maker,
        "licence": card.licence,
        "source": card.source,
        "url": card.url,
        "file": card.file,
        "size": card.size,
        "sha256": card.sha256,
        "input": card.input,
        "output": card.output,
        "citation": card.citation,
    }
