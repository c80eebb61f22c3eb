"""What stands before a measurement: two databases with people and cases, and a server on each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app import create_app
from app.config import Settings
from app.gateways.parts import build_parts
from app.kit import clock
from app.kit.migrate import upgrade
from app.services.remote_care.packs import pack_for
from bench import cases, people, processes
from bench.cases import Block
from bench.database import Database, Server
from bench.measuring import Site
from bench.plan import Crowd, Plan
from bench.settings import bench_settings


@dataclass(frozen=True)
class Prepared:
    """The two sites, and who has a queue to look at on both."""

    few: Site
    many: Site
    handler_token: str
    settings: Settings


@contextmanager
def prepared(plan: Plan, server: Server, folder: Path, console: Console) -> Iterator[Prepared]:
    """Make everything; at the end the processes are over and the databases dropped."""
    with processes.wechat() as wechat_url, server.database() as few:
        settings = bench_settings(few, folder, wechat_url)
        console.print(f"A database with {plan.few:,} cases:")
        upgrade(few.url)
        handler_token = _staff(settings)
        _fill(few, plan.few_people, 0, plan.few, console)
        # The copy holds the same keys and sign-ins, so the same tokens are good on both.
        with server.database(template=few.name) as many:
            console.print(f"A copy of it with {plan.many:,}:")
            _fill(many, plan.more_people, plan.few, plan.many, console)
            with (
                site(few, settings, f"{plan.few:,} cases", plan.few_people, folder / "few") as small,
                site(many, settings, f"{plan.many:,} cases", plan.more_people, folder / "many") as large,
            ):
                server.checkpoint()
                yield Prepared(small, large, handler_token, small.parts.settings)


@contextmanager
def showing_progress(console: Console, what: str, total: int | None) -> Iterator[Callable[..., None]]:
    """A bar that the yielded function moves: by how much, and what is done now."""
    columns = (TextColumn("  {task.description:<44}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(what, total=total)

        def move(by: int = 1, words: str = what) -> None:
            progress.update(task, advance=by, description=words)

        yield move


def _staff(settings: Settings) -> str:
    parts = build_parts(settings)
    try:
        return people.enter_staff(parts, people.cities(people.AGENCIES))
    finally:
        # A database with connections cannot be copied.
        parts.database.dispose()


def _fill(where: Database, crowd: Crowd, first: int, end: int, console: Console) -> None:
    pack_id = pack_for(people.HOME, clock.today()).pack_id
    block = Block(first, end - first, crowd, people.cities(people.AGENCIES), pack_id)
    with showing_progress(console, "people", crowd.count) as move:
        people.enter(where, crowd, move)
    with showing_progress(console, "cases", block.count) as move:
        cases.fill(where, block, move)
    with showing_progress(console, "statistics", None):
        where.analyze()


@contextmanager
def site(where: Database, settings: Settings, name: str, crowd: Crowd, folder: Path) -> Iterator[Site]:
    """A server on a database."""
    folder.mkdir()
    own = replace(settings, database_url=where.url, data_dir=folder)
    parts = build_parts(own)
    try:
        with processes.web_server(own, folder) as running:
            yield Site(name, where, parts, create_app(own, parts), running, crowd)
    finally:
        parts.database.dispose()
