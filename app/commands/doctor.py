"""``zhangban doctor``: what is wrong with a configuration, before a patient finds out."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import click
import redis
from rich.table import Table

from app import registry
from app.benefits import packs as benefit_packs
from app.commands.common import console, print_json, settings
from app.config import Settings, is_given
from app.gateways.parts import Parts, build_parts
from app.kit import migrate, outbox
from app.kit.crypto import MasterKeyError, SealBroken
from app.kit.sealing import WrongSuite
from app.services.chronic_disease import packs as criteria_packs
from app.services.remote_care.packs import check_packs


@dataclass(frozen=True)
class Finding:
    """One part and what was found: ok, warning or bad, and what to do."""

    part: str
    state: str
    words: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Check settings, database, keys, papers, jobs, packs of rules and outside systems. Exit 1 if something is bad."""
    found = settings()
    findings = list(_examine(found))
    if as_json:
        print_json([vars(finding) for finding in findings])
    else:
        table = Table("part", "state", "what", title="掌上办 doctor")
        colours = {"ok": "green", "warning": "yellow", "bad": "red"}
        for finding in findings:
            table.add_row(finding.part, f"[{colours[finding.state]}]{finding.state}", finding.words)
        console.print(table)
    sys.exit(1 if any(finding.state == "bad" for finding in findings) else 0)


def _examine(found: Settings) -> list[Finding]:
    mode = "warning" if found.is_demo else "ok"
    findings = [
        Finding(
            "mode",
            mode,
            f"{found.mode}; a demo's keys are known to everybody" if found.is_demo else "production",
        )
    ]
    if not found.is_demo and not found.trusted_proxies:
        findings.append(
            Finding(
                "proxies",
                "warning",
                "ZHANGBAN_TRUSTED_PROXIES is 0: behind a proxy all callers would share its address and its limits",
            )
        )
    if not found.is_demo and not is_given("public_url"):
        findings.append(
            Finding(
                "public address",
                "warning",
                "ZHANGBAN_PUBLIC_URL is not set: the codes on receipts would lead to where serve listens",
            )
        )
    findings.append(_try("database", lambda: _database(found)))
    if findings[-1].state == "bad":
        return findings
    try:
        parts = build_parts(found)
    except (MasterKeyError, WrongSuite, SealBroken) as error:
        words = f"the keys do not open: {error}. Check ZHANGBAN_MASTER_KEYS and ZHANGBAN_CRYPTO_SUITE."
        return [*findings, Finding("keys", "bad", words)]
    except Exception as error:  # noqa: BLE001 - whatever else keeps the process from starting is the finding
        return [*findings, Finding("start", "bad", f"no process starts so: {type(error).__name__}: {error}")]
    findings.append(Finding("keys", "ok", "the master key opens the data keys"))
    findings.append(_try("papers", lambda: _papers(parts)))
    findings.append(_try("jobs", lambda: _jobs(found)))
    findings.append(_outbox(parts))
    problems = check_packs()
    findings.append(
        Finding("policy packs", "bad" if problems else "ok", "\n".join(problems) or "all packs load")
    )
    findings.append(criteria_packs_finding(criteria_packs.problems()))
    findings.append(benefit_packs_finding(benefit_packs.problems()))
    findings.append(_try("WeChat", lambda: _wechat(parts), bad="warning"))
    findings.append(
        Finding("registry", "ok", f"{len(registry.ROUTES)} routes, {len(registry.SERVICES)} services")
    )
    return findings


def _try(part: str, check: Callable[[], str], bad: str = "bad") -> Finding:
    try:
        return Finding(part, "ok", check())
    except Exception as error:  # noqa: BLE001 - the doctor reports whatever is wrong
        return Finding(
            part, bad, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no answer'}"
        )


def _database(found: Settings) -> str:
    current, head = migrate.current_and_head(found.effective_database_url)
    if current != head:
        raise RuntimeError(f"at {current or 'nothing'}, needs {head}: run zhangban db upgrade")
    return f"{found.effective_database_url.split(':')[0]}, at {current}"


def _papers(parts: Parts) -> str:
    parts.papers.check()
    return (
        f"S3 bucket {parts.settings.s3_bucket}"
        if parts.settings.s3_bucket
        else f"folder {parts.settings.data_dir / 'papers'}"
    )


def _jobs(found: Settings) -> str:
    if not found.redis_url:
        return "in SQLite, for one machine"
    redis.Redis.from_url(found.redis_url, socket_connect_timeout=2).ping()
    return "in Redis"


def _outbox(parts: Parts) -> Finding:
    with parts.database.reading() as session:
        waiting, failed = outbox.backlog(session)
    state = "warning" if failed or waiting > 1000 else "ok"
    return Finding("outbox", state, f"{waiting} waiting, {failed} given up")


def criteria_packs_finding(problems: list[str]) -> Finding:
    """What is wrong with the packs of chronic diseases, and where to mend it."""
    if not problems:
        return Finding("criteria packs", "ok", "all packs load")
    todo = (
        f"Mend these tables in {criteria_packs.PACKS_DIR}; until then nobody can apply for a chronic disease."
    )
    return Finding("criteria packs", "bad", "\n".join([*problems, todo]))


def benefit_packs_finding(problems: list[str]) -> Finding:
    """What is wrong with the packs by which bills are paid, and where to mend it."""
    if not problems:
        return Finding("benefit packs", "ok", "all packs load")
    todo = f"Mend these tables in {benefit_packs.PACKS_DIR}; until then no bill can be settled."
    return Finding("benefit packs", "bad", "\n".join([*problems, todo]))


def _wechat(parts: Parts) -> str:
    parts.wechat.check()
    return "answers and accepts our credentials"
