"""`doorward evaluate pad`: error rates of the passive check against presentation attacks, on pictures of one's own."""

from pathlib import Path

import click
from rich.progress import Progress
from rich.table import Table

from doorward.cli.opening import open_named_site, passphrase_option, site_option
from doorward.cli.output import console, json_option, print_json, progress_console
from doorward.errors import WrongUse
from doorward.evaluation.pad import PadErrorRate, PadEvaluation, proven


@click.command("pad")
@click.argument("presentations", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--models", "model_folder", type=click.Path(path_type=Path), help="A site's folder models/.")
@click.option("--adopt", is_flag=True, help="Record the rates for the site, so that its answers tell them.")
@site_option
@passphrase_option
@json_option
def pad_command(
    presentations: Path,
    model_folder: Path | None,
    adopt: bool,
    folder: Path | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """APCER of each attack species in DIR, the worst first, and BPCER, at the threshold in use.

    DIR holds bona_fide/, with photos of people themselves, and a folder of photos an attack species: print/, screen/
    and so on. Rates are those of ISO/IEC 30107-3; intervals are exact, 95%. Photos without a face count as no
    response, apart.

    \b
    Example:
      doorward evaluate pad presentations --models my-site/models
      doorward evaluate pad presentations --adopt --site my-site
    """
    from doorward.wiring.face.evaluating_pad import evaluate_folder, presentations_in, rates_of
    from doorward.wiring.face.opening import MODELS  # both load the runtimes

    if adopt and model_folder is not None:
        raise WrongUse("What is adopted is what the site's own models give: leave --models out, or --adopt.")
    found = presentations_in(presentations)
    with Progress(console=progress_console(), transient=True) as progress:
        task = progress.add_task("presentations", total=found.count)

        def on_progress(done: int) -> None:
            progress.update(task, completed=done)

        if adopt:
            with open_named_site(folder, passphrase_file) as site:
                model, evaluation = evaluate_folder(found, site.folder / MODELS, site.settings.models, on_progress)
                site.pad_policies.adopt(site.actor, rates_of(model, evaluation, site.stores.vault.clock.now()))
        else:
            model, evaluation = evaluate_folder(found, *_places(model_folder, folder), on_progress)
    if as_json:
        print_json({"model": model, **_told(evaluation), "adopted": adopt})
    else:
        _print(model, evaluation, adopt)


def _places(model_folder: Path | None, site: Path | None) -> tuple[Path | None, dict[str, Path]]:
    if model_folder is not None or site is None:
        return model_folder, {}
    from doorward.settings.site import read_site_settings
    from doorward.wiring.face.opening import MODELS

    return site / MODELS, dict(read_site_settings(site).models)


def _told(evaluation: PadEvaluation) -> dict[str, object]:
    return {
        "threshold": evaluation.threshold,
        "worst": evaluation.worst.name,
        "species": [{"name": rate.name, **_rate(rate, "apcer", "apnrr")} for rate in evaluation.species],
        "bona_fide": _rate(evaluation.bona_fide, "bpcer", "bpnrr"),
    }


def _rate(rate: PadErrorRate, error: str, silence: str) -> dict[str, object]:
    return {
        "presentations": rate.presentations,
        "responses": rate.responses,
        "errors": rate.errors,
        error: _rounded(rate.value),
        "low": _rounded(rate.low),
        "high": _rounded(rate.high),
        silence: _rounded(rate.non_response_rate),
        "proven": proven(rate),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 5)


def _print(model: str, evaluation: PadEvaluation, adopted: bool) -> None:
    table = Table(title=f"{model}, threshold {evaluation.threshold:g}")
    for heading in ("presentations", "rate", "errors", "value", "95% interval", "no response"):
        table.add_column(heading)
    for rate in evaluation.species:
        table.add_row(*_row(rate, "APCER"))
    table.add_row(*_row(evaluation.bona_fide, "BPCER"))
    console().print(table)
    click.echo(f"Worst species, {evaluation.worst.name}: {proven(evaluation.worst)}")
    click.echo(f"Bona fide: {proven(evaluation.bona_fide)}")
    click.echo("Injected video is no presentation attack (ISO/IEC 30107-1), and is not measured here.")
    if adopted:
        click.echo("Adopted: answers tell these rates while this model and threshold are in use.")


def _row(rate: PadErrorRate, error: str) -> tuple[str, ...]:
    of = f"{rate.errors} of {rate.responses}"
    silent = f"{rate.non_responses} of {rate.presentations}"
    if rate.value is None:
        return rate.name, error, of, "not measured", "", silent
    return rate.name, error, of, f"{rate.value:.1%}", f"{rate.low:.1%} to {rate.high:.1%}", silent
