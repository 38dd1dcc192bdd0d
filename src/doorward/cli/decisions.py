"""Verification and identification of a photo on the command line."""

from pathlib import Path

import click

from doorward.cli.attack_checks import require_option
from doorward.cli.document import answer_document
from doorward.cli.opening import with_site
from doorward.cli.output import json_option, print_json
from doorward.cli.pins import PIN_FILE, entered_pin
from doorward.cli.search_explanation import basis_json, basis_sentences
from doorward.errors import WrongUse
from doorward.face.decision import Decision, Outcome, Reason
from doorward.face.pad import PadMethod
from doorward.face.thresholds import DEFAULT_VERIFICATION_FMR
from doorward.kernel.ids import parse_person_id
from doorward.verify.claim import shown_number
from doorward.verify.second_factor import Factor
from doorward.wiring.face.credential_verification import verify_carried
from doorward.wiring.face.explaining import basis_at
from doorward.wiring.face.site import Site

REFUSED = 3
"""Exit status when the answer is no."""

score_option = click.option("--show-score", is_flag=True, help="Show the raw comparison score. For operators.")


@click.command()
@click.argument("photo", required=False, type=click.Path(path_type=Path))
@click.option("--person", "person_id", help="The id of the person who is claimed.")
@click.option("--badge", help="Their badge number, instead.")
@click.option("--document-number", help="Their document number, instead.")
@click.option(
    "--document",
    "scan",
    type=click.Path(path_type=Path),
    help="A scan of the identity document they show, instead; nobody need be enrolled.",
)
@click.option(
    "--credential",
    metavar="CODE",
    help="The credential they carry, instead: a photo of it, a camera such as camera:0, or `same` for on PHOTO itself.",
)
@click.option(
    "--fmr",
    type=float,
    default=DEFAULT_VERIFICATION_FMR,
    show_default=True,
    help="The false-match rate: one stranger in how many would be taken for the person.",
)
@click.option("--by-eye", is_flag=True, help="Record what an officer saw, in place of PHOTO: no face is compared.")
@click.option("--outcome", type=click.Choice([outcome.value for outcome in Outcome]), help="What the officer decided.")
@click.option("--officer", help="The name of the officer who looked.")
@require_option
@score_option
@json_option
@with_site
def verify(
    site: Site,
    photo: Path | None,
    person_id: str | None,
    badge: str | None,
    document_number: str | None,
    scan: Path | None,
    credential: str | None,
    fmr: float,
    by_eye: bool,
    outcome: str | None,
    officer: str | None,
    required: tuple[str, ...],
    show_score: bool,
    as_json: bool,
) -> int:
    """Is the person in PHOTO the one who is claimed? Exit status 0: accepted, 3: refused.

    \b
    Example:
      doorward verify visitor.jpg --person ID
      doorward verify visitor.jpg --badge 4711 --fmr 1e-5
      doorward verify visitor.jpg --document passport.jpg
      doorward verify visitor.jpg --credential card.jpg
      doorward verify --by-eye --person ID --outcome accepted --officer "R. Vega"
    """
    claims = (person_id, badge, document_number, scan, credential)
    if by_eye:
        if photo is not None or person_id is None or outcome is None or officer is None or any(claims[1:]):
            raise WrongUse("--by-eye takes --person ID, --outcome and --officer NAME, and no photo or other claim.")
        seen = site.eye_checks.record(site.actor, parse_person_id(person_id), Outcome(outcome), officer)
        return _answer(seen, show_score, as_json)
    if photo is None or outcome is not None or officer is not None:
        raise WrongUse("Give the PHOTO to verify; --outcome and --officer go with --by-eye.")
    checks = frozenset(PadMethod(name) for name in required)
    if sum(claim is not None for claim in claims) != 1:
        raise WrongUse(
            "Say who is claimed, once: --person ID, --badge NUMBER, --document-number NUMBER, --document SCAN or "
            "--credential CODE."
        )
    if scan is not None:
        return answer_document(site, photo, scan, fmr, checks, show_score=show_score, as_json=as_json)
    if credential is not None:
        decision = verify_carried(site, photo, credential, fmr, attack_checks=checks)
    else:
        person = None if person_id is None else parse_person_id(person_id)
        decision = site.verify(photo, person, fmr, attack_checks=checks, number=shown_number(badge, document_number))
    return _answer(decision, show_score, as_json)


@click.command()
@click.argument("photo", type=click.Path(path_type=Path))
@click.option("--checkpoint", required=True, help="The checkpoint that the person stands at.")
@click.option("--badge", help="The badge number that they show, where the face alone does not decide.")
@click.option("--pin", "asks_pin", is_flag=True, help="Or their PIN; it is asked for without showing it.")
@click.option("--pin-file", type=PIN_FILE, help="Or a file whose first line is the PIN, - for standard input.")
@click.option("--explain", is_flag=True, help="Say what the search rests on, and how often it is wrong.")
@score_option
@json_option
@with_site
def identify(
    site: Site,
    photo: Path,
    checkpoint: str,
    badge: str | None,
    asks_pin: bool,
    pin_file: Path | None,
    explain: bool,
    show_score: bool,
    as_json: bool,
) -> int:
    """Which person of the checkpoint's group is this, if any? Exit status 0: accepted, 3: nobody, or not by face alone.

    \b
    Example:
      doorward identify visitor.jpg --checkpoint "Main door"
      doorward identify twin.jpg --checkpoint "Main door" --badge 4711
      doorward identify twin.jpg --checkpoint "Main door" --pin
      doorward identify visitor.jpg --checkpoint "Main door" --explain
    """
    pin = entered_pin(pin_file) if asks_pin or pin_file is not None else None
    decision = site.identify(photo, checkpoint, factor=Factor.of(badge, pin))
    basis = basis_at(site, site.doorkeeper.named(checkpoint)) if explain or _is_unsupported(decision) else None
    if as_json:
        print_json({**decision.to_json(show_score), **({"basis": basis_json(basis)} if basis and explain else {})})
    else:
        _print(decision, show_score)
        for sentence in basis_sentences(basis, f"At {checkpoint}") if basis else ():
            click.echo(sentence)
    return 0 if decision.is_accepted else REFUSED


def _is_unsupported(decision: Decision) -> bool:
    """An operator is told why, and what to do, without asking."""
    return decision.reason is Reason.BADGE_REQUIRED


def _answer(decision: Decision, show_score: bool, as_json: bool) -> int:
    if as_json:
        print_json(decision.to_json(show_score))
    else:
        _print(decision, show_score)
    return 0 if decision.is_accepted else REFUSED


def _print(decision: Decision, show_score: bool) -> None:
    rate = f" (one false match in {1 / decision.fmr:,.0f})" if decision.fmr else ""
    click.echo(f"{decision.outcome.value.capitalize()}: {decision.sentence}{rate}")
    if decision.retry_after is not None:
        click.echo(f"Wait: {decision.retry_after} s")
    click.echo(decision.pad.sentence)
    if decision.person:
        click.echo(f"Person: {decision.person}")
    if show_score and decision.score is not None and decision.threshold:
        click.echo(f"Score: {decision.score:.4f}, threshold {decision.threshold.value:.4f}")
