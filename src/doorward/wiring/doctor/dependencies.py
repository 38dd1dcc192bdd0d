"""Known advisories about the packages that Doorward runs on."""

from collections.abc import Callable, Iterator, Sequence

from doorward.adapters.advisories import Advisory, Package, advisories, installed_closure
from doorward.errors import SourceError
from doorward.wiring.doctor.finding import Finding, Severity

DISTRIBUTION = "doorward"

Ask = Callable[[Sequence[Package]], tuple[Advisory, ...]]
"""Tells what is known about packages; ``SourceError`` when it cannot now."""


def check_advisories(ask: Ask = advisories) -> Iterator[Finding]:
    """Each advisory that osv.dev knows about what is installed here of Doorward's dependencies.

    Names and versions of those packages leave the machine, so this is done only when it is asked for.
    """
    try:
        known = ask(installed_closure(DISTRIBUTION))
    except SourceError as silent:
        yield Finding(
            "advisories-unreachable",
            Severity.NOTE,
            silent.message,
            "Photos and videos are read by libraries whose faults are published, and then tried.",
            "doorward doctor --advisories, where osv.dev can be reached",
        )
        return
    for advisory in known:
        package = advisory.package
        yield Finding(
            "dependency-advisory",
            Severity.WARNING,
            f"{package.name} {package.version} has the advisory {advisory.id}.",
            "What is published about a library is tried against everything that uses it, photos and videos first.",
            f"Read https://osv.dev/vulnerability/{advisory.id} and install a version of {package.name} that mends it.",
        )


def advisories_unasked() -> Finding:
    """The note that takes the place of ``check_advisories``."""
    return Finding(
        "advisories-not-asked",
        Severity.NOTE,
        "Advisories about the packages that Doorward depends on were not asked for.",
        "Faults in libraries are published with the versions that have them. Asking tells osv.dev, run by Google, "
        "the names and versions of the packages that run here, and this machine's address.",
        "doorward doctor --advisories",
    )
