"""Pages that a command writes: no script, nothing loaded from elsewhere."""

from collections.abc import Iterable, Sequence
from html import escape

from doorward import __version__

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c1c1c }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
caption { text-align: left; font-weight: 600; padding: .5rem 0 }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ccc }
svg { max-width: 100%; height: auto }
.warning { border-left: 6px solid #b3261e; padding-left: 1rem }
"""


def page(heading: str, parts: Iterable[str]) -> str:
    """A whole page under ``heading``, which is text; ``parts`` are markup."""
    body = "\n".join([f"<h1>{escape(heading)}</h1>", *parts, f"<p>Made by Doorward {escape(__version__)}.</p>"])
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(heading)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style>\n<body>\n{body}\n</body>\n</html>\n"
    )


def table(caption: str, heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Texts as a table."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption>\n<tr>{head}</tr>\n{body}\n</table>"
