"""Known advisories about installed packages, asked of the database at osv.dev: https://google.github.io/osv.dev/api/"""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from threading import Thread

from doorward.errors import SourceError

OSV = "https://api.osv.dev/v1/querybatch"
SECONDS = 5.0
"""For one question, from looking up the name to the last byte."""
MOST_PAGES = 5
LARGEST_ANSWER = 4 * 1024 * 1024

_ADVISORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_EXTRA = re.compile(r";.*\bextra\b")


@dataclass(frozen=True, slots=True)
class Package:
    """An installed distribution of the Python package index."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Advisory:
    """``id``: of the advisory at osv.dev, for example ``GHSA-…``."""

    package: Package
    id: str


def installed_closure(root: str) -> tuple[Package, ...]:
    """What ``root`` depends on, its extras and everything they pull in, as far as it is installed; without itself.

    Markers are not read, so a package that another system would need is here if somebody installed it.
    """
    found: dict[str, Package] = {}
    waiting = [(root, True)]
    while waiting:
        name, with_extras = waiting.pop()
        held = _installed(name)
        if held is None or (folded := _folded(name)) in found:
            continue
        found[folded] = Package(folded, held.version)
        for line in held.requires or ():
            if (named := _NAME.match(line)) and (with_extras or not _EXTRA.search(line)):
                waiting.append((named[1], False))
    found.pop(_folded(root), None)
    return tuple(found[name] for name in sorted(found))


def advisories(packages: Sequence[Package], url: str = OSV, seconds: float = SECONDS) -> tuple[Advisory, ...]:
    """What is known about ``packages``; they and their versions are told to whoever answers at ``url``.

    ``SourceError`` when nobody answers in ``seconds``, or not as documented.
    """
    found: dict[Advisory, None] = {}
    wanted = [(package, "") for package in packages]
    for _ in range(MOST_PAGES):
        if not wanted:
            break
        results = _results(_asked(url, [_query(*one) for one in wanted], seconds), len(wanted))
        following = []
        for (package, _), result in zip(wanted, results, strict=True):
            found.update(dict.fromkeys(Advisory(package, name) for name in _ids(result)))
            if page := result.get("next_page_token"):
                following.append((package, str(page)))
        wanted = following
    if wanted:
        raise _strange()
    return tuple(found)


def _query(package: Package, page: str) -> dict[str, object]:
    question: dict[str, object] = {
        "package": {"ecosystem": "PyPI", "name": package.name},
        "version": package.version,
    }
    return {**question, "page_token": page} if page else question


def _asked(url: str, queries: list[dict[str, object]], seconds: float) -> bytes:
    """The answer's body. In a thread, because a server that drips can hold a connection as long as it likes."""
    answers: list[bytes] = []

    def ask() -> None:
        try:
            answers.append(_posted(url, json.dumps({"queries": queries}).encode(), seconds))
        except (urllib.error.URLError, HTTPException, OSError, ValueError):
            return

    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not answers:
        raise SourceError("The database of advisories does not answer; try again where osv.dev can be reached.")
    return answers[0]


def _posted(url: str, body: bytes, seconds: float) -> bytes:
    headers = {"Content-Type": "application/json", "User-Agent": "doorward"}
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - the address is the code's own
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=seconds) as answer:
        octets: bytes = answer.read(LARGEST_ANSWER + 1)
    return octets


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is installed is told to the one place that was asked for."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def] # as the library has it
        return None


def _results(body: bytes, expected: int) -> list[dict[str, object]]:
    try:
        answer = json.loads(body) if len(body) <= LARGEST_ANSWER else None
    except (ValueError, RecursionError):
        answer = None
    results = answer.get("results") if isinstance(answer, dict) else None
    if (
        not isinstance(results, list)
        or len(results) != expected
        or not all(isinstance(result, dict) for result in results)
    ):
        raise _strange()
    return results


def _ids(result: dict[str, object]) -> Iterator[str]:
    held = result.get("vulns", [])
    if not isinstance(held, list):
        raise _strange()
    for one in held:
        name = one.get("id") if isinstance(one, dict) else None
        if not isinstance(name, str) or not _ADVISORY.fullmatch(name):
            raise _strange()
        yield name


def _strange() -> SourceError:
    return SourceError("The database of advisories answers in a form that it does not document; try again later.")


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _folded(name: str) -> str:
    """The name as the index writes it: https://packaging.python.org/en/latest/specifications/name-normalization/"""
    return re.sub(r"[-_.]+", "-", name).lower()
