"""The mock client as a program: ``python -m mock_client run --all``, ``python -m mock_client storm``."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from mock_client import runner
from mock_client.journal import Journal
from mock_client.office import Office, OfficeClosed
from mock_client.own_server import own_server
from mock_client.runner import CannotRun, Run
from mock_client.scenarios import GROUPS, STORIES
from mock_client.storm import CannotStorm, Result, Storm
from mock_client.world import DEFAULT_SMS_URL, DEFAULT_URL, DEFAULT_WECHAT_URL, Addresses, World

OUT = Path(".demo") / "runs"
Options = TypeVar("Options", bound=Callable[..., object])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Citizens, handlers and hospitals who try everything out on a running server, over real HTTP.

    The demo's people come from `zhangban demo people --json`, which is run with the same environment, or from
    --people FILE.
    """


def _server_options(function: Options) -> Options:
    for option in (
        click.option("--base-url", default=DEFAULT_URL, show_default=True, help="The server."),
        click.option(
            "--wechat-url", default=DEFAULT_WECHAT_URL, show_default=True, help="Its stand-in WeChat."
        ),
        click.option("--sms-url", default=DEFAULT_SMS_URL, show_default=True, help="Its stand-in SMS."),
        click.option(
            "--people",
            "people_file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="What `zhangban demo people --json` printed; by default the command is run.",
        ),
        click.option("--seed", default=7, show_default=True, help="The same seed makes the same choices."),
        click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
    ):
        function = option(function)
    return function


@main.command()
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Play all scenarios.")
@click.option("--only", multiple=True, metavar="NAME", help="Play this one; may be repeated.")
@click.option("--list", "list_them", is_flag=True, help="Say which scenarios there are.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder for receipts, codes and papers [default: a new one in {OUT}].",
)
@click.option("--pace", default=0.2, show_default=True, help="Latency and pauses; 1 as in life, 0 none.")
@_server_options
def run(
    names: tuple[str, ...],
    everything: bool,
    only: tuple[str, ...],
    list_them: bool,
    out: Path | None,
    pace: float,
    base_url: str,
    wechat_url: str,
    sms_url: str,
    people_file: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Play scenarios. Exit code 0: all passed; 1: one failed; 2: they could not be played.

    NAMES are scenarios or groups of them, as `run --list` shows: `run chronic` plays all that are about chronic
    disease, `run remote_care` all about care elsewhere, `run voucher` scanning and settling, `run everywhere` what
    holds for every service.

    Each step is printed with what the person saw, and where the files lie that they got. If no server runs where one is
    expected and none is named, one with the demo's people is started for the play.
    """
    if list_them:
        _list(as_json=as_json)
        return
    addresses = Addresses(base_url, wechat_url, sms_url)
    folder = (out or OUT / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-seed{seed}").absolute()
    journal = Journal(folder, None if as_json else Console(highlight=False), seed=seed)
    try:
        stories = runner.choose([*names, *only], everything=everything)
        with _served(addresses, people_file) as (there, office):
            people = runner.read_people(people_file, office)
            world = World(there, journal, people, seed=seed, office=office, pace=pace)
            finished = runner.play(world, stories)
    except (CannotRun, OfficeClosed) as reason:
        _give_up(str(reason), as_json=as_json)
    if as_json:
        _print_json(finished.to_json())
    else:
        journal.print_summary()
        _say_where(finished)
    sys.exit(0 if finished.ok else 1)


@contextmanager
def _served(addresses: Addresses, people_file: Path | None) -> Iterator[tuple[Addresses, Office | None]]:
    """The server that was named, or that runs where one is expected; else one of our own while it is needed."""
    expected = Addresses(DEFAULT_URL, DEFAULT_WECHAT_URL, DEFAULT_SMS_URL)
    if addresses == expected and people_file is None and not runner.is_up(addresses.server):
        with own_server(lambda words: click.echo(words, err=True)) as (own, office):
            yield own, office
        return
    runner.check_reachable(addresses)
    yield addresses, Office.find_for(addresses.server)


@main.command()
@click.option(
    "--filings",
    type=click.IntRange(1, 5000),
    default=200,
    show_default=True,
    help="How many filings are intended.",
)
@click.option(
    "--over",
    default=20.0,
    show_default=True,
    help="Seconds over which the filings begin: time to kill the server.",
)
@click.option(
    "--patience", default=120.0, show_default=True, help="Seconds that a client waits while nobody answers."
)
@_server_options
def storm(
    filings: int,
    over: float,
    patience: float,
    base_url: str,
    wechat_url: str,
    sms_url: str,
    people_file: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """File many times on a bad network while somebody kills the server, and count what came of it.

    Exit code 0: exactly one case for each intended filing; 1: not so; 2: it could not be done.
    """
    addresses = Addresses(base_url, wechat_url, sms_url)
    console = Console(highlight=False, quiet=as_json)
    try:
        runner.check_reachable(addresses)
        people = runner.read_people(people_file, Office.find_for(base_url))
        raging = Storm(addresses, people, filings=filings, seed=seed, over_s=over, patience_s=patience)
        with console.status("Signing in …"):
            intents = raging.prepare()
    except (CannotRun, CannotStorm) as reason:
        _give_up(str(reason), as_json=as_json)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Filing; kill the server now", total=filings)

        def answered(result: Result) -> None:
            done = result.acknowledged + len(result.refused) + result.unanswered
            progress.update(task, completed=done)

        result = raging.rage(intents, answered)
    if as_json:
        _print_json(result.to_json())
    else:
        _say_result(console, result)
    sys.exit(0 if result.ok else 1)


def _list(*, as_json: bool) -> None:
    if as_json:
        listed = [{"name": story.name, "group": story.group, "title": story.title} for story in STORIES]
        _print_json({"groups": list(GROUPS), "scenarios": listed})
        return
    table = Table("group", "name", "what it tells")
    for story in STORIES:
        table.add_row(story.group, story.name, story.title)
    Console(highlight=False).print(table)


def _say_where(finished: Run) -> None:
    console = Console(highlight=False)
    console.print(f"文件都在：{finished.journal.folder}", soft_wrap=True)
    for words, ending in (("回执 PDF", ".pdf"), ("二维码图片", "-code.png")):
        for path in finished.files(ending)[:1]:
            console.print(f"{words}：{path}", soft_wrap=True)


def _say_result(console: Console, result: Result) -> None:
    style = "bold green" if result.ok else "bold red"
    console.print(
        f"[{style}]{result.cases} cases for {result.intents} intended filings[/], "
        f"{result.acknowledged} acknowledged, {result.lost} lost, {result.twice} twice, "
        f"{len(result.refused)} refused, {result.unanswered} without an answer"
    )
    for code, times in Counter(result.refused).items():
        console.print(f"refused: {code} {times}")
    console.print(
        f"{result.tries} tries, {result.replayed} answers replayed, {result.outages} outages "
        f"(the longest {result.longest_outage_s:g} s), {result.seconds:.0f} s in all"
    )


def _print_json(document: Mapping[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _give_up(reason: str, *, as_json: bool) -> NoReturn:
    if as_json:
        _print_json({"ok": False, "error": reason})
    else:
        click.echo(reason, err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
