"""The breach test as one page for a data-protection officer: no script, nothing loaded from elsewhere."""

from collections.abc import Iterable
from html import escape

from doorward import __version__
from doorward.cli.breach_report import BY_DESIGN, CHANNELS, comparison
from doorward.wiring.face.breach import BreachOutcome
from doorward.wiring.face.breach_statistics import ColumnReport

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c1c1c }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
caption { text-align: left; font-weight: 600; padding: .5rem 0 }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ccc }
.held { border-left: 6px solid #1a7f37; padding-left: 1rem }
.broken { border-left: 6px solid #b3261e; padding-left: 1rem }
"""


def breach_page(outcome: BreachOutcome, site: str) -> str:
    """The whole page; it names no person, and of a secret only its name."""
    title = f"Breach test of the site {site}"
    verdict = (
        "Nothing was found. Whoever takes what was searched, without the key, learns about nobody."
        if outcome.held
        else f"{len(outcome.found)} values were found in the clear, and "
        f"{len(outcome.statistics.telling)} columns or files tell sites apart. Treat this as a breach to be mended."
    )
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="{"held" if outcome.held else "broken"}"><strong>{escape(verdict)}</strong></p>',
        "<h2>What was done</h2>",
        f"<p>Made-up people were enrolled in the site, and everything that a thief could have was searched for what "
        f"is known of them, and for the secrets that open the site: {outcome.values} values, each in "
        f"{outcome.encodings} encodings (raw, hexadecimal, base64, UTF-16), in {outcome.bytes:,} bytes of "
        f"{outcome.files} files. The search was first tried on a file that held them all in the clear, and found "
        f"each. The made-up people were erased afterwards.</p>",
        _table(
            "What was taken and searched",
            ("What", "Files", "Bytes", "Found", "How"),
            (
                (CHANNELS[one.name], str(one.files), f"{one.bytes:,}", str(len(one.found)), one.remark)
                for one in outcome.channels
            ),
        ),
        _table(
            "What was found",
            ("Value", "Encoding", "Where", "At byte"),
            ((one.value, one.encoding, one.file, f"{one.offset:,}") for one in outcome.found),
        ),
        _table(
            "What could not be looked at", ("What", "Why"), ((unseen.what, unseen.why) for unseen in outcome.unseen)
        ),
        "<h2>Can two sites be told apart?</h2>",
        f"<p>{escape(comparison(outcome))}</p>",
        _table(
            "Sealed columns",
            ("Column", "Values", "Lengths alike", "Bits a byte, either site", "Looks random"),
            (_sealed_row(column) for column in outcome.statistics.columns if column.sealed),
        ),
        _table(
            "Columns in the clear, by design",
            ("Column", "Values", "Lengths alike"),
            (
                (f"{column.table}.{column.column}", str(column.values), _yes(column.alike_in_length))
                for column in outcome.statistics.columns
                if not column.sealed and column.values
            ),
        ),
        f"<p>{escape(BY_DESIGN)} A site that unseals itself falls with its machine, and who controls the running "
        "machine reads what it reads.</p>",
        f"<p>Made by Doorward {escape(__version__)}.</p>",
    ]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    written = [f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows]
    if not written:
        return f"<p><strong>{escape(caption)}:</strong> nothing.</p>"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    return f"<table><caption>{escape(caption)}</caption>\n<tr>{head}</tr>\n{chr(10).join(written)}\n</table>"


def _sealed_row(column: ColumnReport) -> tuple[str, ...]:
    entropies = " and ".join(f"{bits:.3f}" for bits in column.entropies) if column.entropies else "too few bytes"
    random = "not tested" if column.uniform is None else _yes(column.uniform)
    return (
        f"{column.table}.{column.column}",
        str(column.values),
        _yes(column.alike_in_length),
        entropies,
        random,
    )


def _yes(held: bool) -> str:
    return "yes" if held else "NO"
