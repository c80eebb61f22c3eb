"""``zhangban docs``: the pages of docs/ that are drawn from the code, so that they cannot grow old."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from itertools import groupby
from pathlib import Path

import click
from flask import Flask

from app import registry
from app.commands.architecture import architecture_page
from app.commands.common import console, fail
from app.commands.openapi import scratch_app
from app.filings import wording
from app.filings.declaration import Service
from app.kit.errors import CATALOGUE, ErrorKind
from app.kit.permissions import Route
from app.settlement.infcodes import GROUPS, INFCODES
from app.workflow.diagram import mermaid
from app.workflow.table import Holder, Status

FOLDER = Path(__file__).resolve().parents[2] / "docs"
_MADE = "<!-- Made by `zhangban docs write` from the code. Do not edit. -->"
_ABOUT_ERRORS = (
    "Every refusal is an RFC 9457 problem document. `code` is stable: write programs against it. `detail` is for "
    "people, in Chinese, and in English with `Accept-Language: en`."
)
_ABOUT_WORKFLOWS = (
    "A case moves only along its service's table. Whoever may not take a step gets a 409 that names the steps "
    "which are possible."
)
_ABOUT_ROUTES = (
    "`public`: anybody. `signed_in`: any account. `roles:…`: accounts that hold one of the roles; which cases they "
    "see is decided case by case, and what belongs to others is 404. “Key”: takes an `Idempotency-Key`."
)
_ABOUT_INFCODES = (
    "Transactions of terminals (`/terminal/transactions/…`) are answered with HTTP 200 and the national envelope. "
    "`infcode` 0 is done; any other number is a refusal, of which nothing was kept. `err_msg` is for people, in Chinese, "
    "and in English with `Accept-Language: en`. The national platform fixes no number but 0, so these are ours. They "
    "never change. `999`: a refusal without a number of its own."
)
_HOLDERS = {Holder.APPLICANT: "申请人 · applicant", Holder.QUEUE: "队列 · a queue", Holder.NOBODY: "—"}


@click.group()
def docs() -> None:
    """The documentation that is made from the code: architecture, errors, workflows, routes."""


@docs.command()
def write() -> None:
    """Write docs/architecture.md, errors.md, infcodes.md, workflows.md and routes.md."""
    for name, text in current_pages().items():
        (FOLDER / name).write_text(text, "utf-8")
        console.print(f"Wrote docs/{name}.")


@docs.command()
def check() -> None:
    """Exit 1 if a page is not that of the code."""
    old = outdated(FOLDER, current_pages())
    if old:
        fail(f"Not up to date: {', '.join(f'docs/{name}' for name in old)}. Run: zhangban docs write", 1)
    console.print("docs/ is up to date.")
    sys.exit(0)


def outdated(folder: Path, pages: Mapping[str, str]) -> list[str]:
    """The names of the pages that are missing in ``folder`` or differ."""
    return [
        name
        for name, text in pages.items()
        if not (folder / name).exists() or (folder / name).read_text("utf-8") != text
    ]


def current_pages() -> Mapping[str, str]:
    """File name → text, of the code as it is."""
    with scratch_app() as app:
        return {
            "architecture.md": architecture_page(_MADE),
            "errors.md": errors_page(CATALOGUE.values()),
            "infcodes.md": infcodes_page(INFCODES, CATALOGUE),
            "workflows.md": workflows_page(registry.SERVICES),
            "routes.md": routes_page(app, registry.ROUTES),
        }


def errors_page(kinds: Iterable[ErrorKind]) -> str:
    """Every refusal with its code, status, and sentence in both languages."""
    lines = [
        "# 错误代码 · Error codes",
        "",
        _MADE,
        "",
        _ABOUT_ERRORS,
    ]
    by_status = sorted(kinds, key=lambda kind: (kind.status, kind.code))
    for status, group in groupby(by_status, key=lambda kind: kind.status):
        rows = [
            (f'<a id="{kind.code}"></a>`{kind.code}`', str(kind.detail), kind.detail.en) for kind in group
        ]
        title = f"## {status} {HTTPStatus(status).phrase}"
        lines += ["", title, "", *_table(("code", "中文", "English"), rows)]
    return "\n".join(lines) + "\n"


def infcodes_page(infcodes: Mapping[str, int], kinds: Mapping[str, ErrorKind]) -> str:
    """Every number of the national envelope with its stable code and its sentence in both languages."""
    lines = ["# 交易返回码 · infcode", "", _MADE, "", _ABOUT_INFCODES]
    by_number = sorted(infcodes.items(), key=lambda one: one[1])
    for group, numbered in groupby(by_number, key=lambda one: one[1] // 100):
        rows = [
            (str(number), f"`{code}`", str(kinds[code].detail), kinds[code].detail.en)
            for code, number in numbered
        ]
        lines += ["", f"## {group}xx {GROUPS[group].zh} · {GROUPS[group].en}", ""]
        lines += _table(("infcode", "code", "中文", "English"), rows)
    return "\n".join(lines) + "\n"


def workflows_page(services: Sequence[Service]) -> str:
    """Each service's workflow: the diagram, and with whom a case lies in each state."""
    lines = [
        "# 办件流程 · Workflows",
        "",
        _MADE,
        "",
        _ABOUT_WORKFLOWS,
    ]
    for service in services:
        workflow = service.workflow
        rows = []
        for status in (status for status in Status if status in workflow.states):
            days = workflow.working_days.get(status)
            words = f"{wording.STATUS[status]} · {wording.STATUS[status].en}"
            limit = "—" if days is None else f"{days} 个工作日 · working days"
            rows.append((f"`{status}`", words, _HOLDERS[workflow.holders[status]], limit))
        lines += ["", f"## {service.name} · {service.name.en} (`{service.code}`)", ""]
        lines += ["```mermaid", mermaid(workflow).rstrip("\n"), "```", ""]
        lines += _table(("state", "", "lies with", "deadline"), rows)
    lines += ["", "A deadline may be set otherwise by the region's rules."]
    return "\n".join(lines) + "\n"


def routes_page(app: Flask, routes: Sequence[Route]) -> str:
    """Each route with its policy and its operationId."""
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    lines = [
        "# 接口与权限 · Routes and policies",
        "",
        _MADE,
        "",
        _ABOUT_ROUTES,
        "",
    ]
    rows = []
    for route in routes:
        rule = rules[route.endpoint]
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        rows.append(
            (
                " ".join(methods),
                f"`{rule.rule}`",
                route.policy.name.replace(",", ", "),
                f"`{route.endpoint.split('.')[-1]}`",
                "yes" if route.idempotent else "",
                route.limit or "general",
            )
        )
    rows.sort(key=lambda row: (row[1], row[0]))
    lines += _table(("", "path", "policy", "operationId", "Key", "rate limit"), rows)
    return "\n".join(lines) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [_row(head), _row(["---"] * len(head))]
    return [*lines, *(_row(row) for row in rows)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
