"""What the breach test found, in words and as JSON."""

from pathlib import Path

import click

from doorward.wiring.face.breach import BreachOutcome
from doorward.wiring.face.breach_statistics import ColumnReport

CHANNELS = {
    "processes": "Command lines and environment of Doorward's processes",
    "site": "Files of the site",
    "also": "Further files",
    "log": "Log of a server",
    "crashed site": "Files of a site after a crash",
    "core dump": "Core dumps",
    "export in transit": "People on their way to another site",
    "swap": "Swap",
}
"""Each channel by name, as people read it."""

BY_DESIGN = (
    "Who has the files sees, by design: versions, size classes, exact row counts, the order of writing, "
    "which rows belong to one person, and the hour of a passage."
)


def outcome_json(outcome: BreachOutcome) -> dict[str, object]:
    statistics = outcome.statistics
    return {
        "files": outcome.files,
        "bytes": outcome.bytes,
        "values": outcome.values,
        "encodings": outcome.encodings,
        "found": [
            {"value": one.value, "encoding": one.encoding, "file": one.file, "offset": one.offset}
            for one in outcome.found
        ],
        "channels": [
            {
                "channel": channel.name,
                "files": channel.files,
                "bytes": channel.bytes,
                "found": len(channel.found),
                "remark": channel.remark,
            }
            for channel in outcome.channels
        ],
        "not_looked_at": [{"what": unseen.what, "why": unseen.why} for unseen in outcome.unseen],
        "statistics": {
            "people": statistics.people,
            "level": statistics.level,
            "telling": list(statistics.telling),
            "columns": [_column_json(column) for column in statistics.columns],
            "growth": [{"file": file.file, "bytes": list(file.bytes)} for file in statistics.growth],
        },
    }


def _column_json(column: ColumnReport) -> dict[str, object]:
    return {
        "table": column.table,
        "column": column.column,
        "sealed": column.sealed,
        "values": column.values,
        "alike_in_length": column.alike_in_length,
        "entropies": list(column.entropies) if column.entropies else None,
        "uniform": column.uniform,
    }


def tell(outcome: BreachOutcome, report: Path | None) -> None:
    """The outcome for a person at a terminal."""
    click.echo(
        f"Searched for {outcome.values} values of made-up people and secrets, each in {outcome.encodings} encodings, "
        f"in {outcome.bytes:,} bytes of {outcome.files} files."
    )
    for channel in outcome.channels:
        click.echo(
            f"  {CHANNELS[channel.name]}: {channel.bytes:,} bytes, {len(channel.found)} found ({channel.remark})."
        )
    for unseen in outcome.unseen:
        click.echo(f"  Not looked at: {unseen.what}: {unseen.why}.")
    click.echo(comparison(outcome))
    if not outcome.found:
        click.echo("Found none. Whoever takes what was searched without the key learns about nobody.")
    for one in outcome.found:
        click.echo(f"Found the {one.value} ({one.encoding}) in {one.file} at byte {one.offset}.")
    if report is not None:
        click.echo(f"The page: {report}")


def comparison(outcome: BreachOutcome) -> str:
    """What the comparison of two sites says, in one sentence or two."""
    statistics = outcome.statistics
    sealed = sum(column.uniform is not None for column in statistics.columns)
    sentence = (
        f"Two sites of {statistics.people} people each, who differ in their data alone, were compared in "
        f"{len(statistics.columns)} columns and {len(statistics.growth)} files; the bytes of {sealed} sealed columns "
        f"were tested for looking random (chi-square, one false alarm expected in {1 / statistics.level:,.0f} runs)."
    )
    if statistics.telling:
        return f"{sentence} They can be told apart by {', '.join(statistics.telling)}."
    return f"{sentence} Nothing tells them apart."
