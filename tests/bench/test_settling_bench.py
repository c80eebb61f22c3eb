"""The bench of scanning and settling in a very small run; and a load, after which the ledger is whole."""

import json
import shutil
from dataclasses import replace

import pytest
from rich.console import Console

from bench import settling, settling_load
from bench.plan import Crowd
from tests.conftest import REQUIRE_ALL, needs_postgres

pytestmark = [pytest.mark.postgres, needs_postgres]
needs_pgbench = pytest.mark.skipif(
    not REQUIRE_ALL and shutil.which("pgbench") is None, reason="pgbench is not installed"
)


@needs_pgbench
def test_a_small_run_measures_every_call_on_both_ledgers() -> None:
    plan = replace(
        settling.QUICK,
        few=1_000,
        many=2_000,
        few_people=Crowd(first=1_000, count=1_500, filer_step=1, reader_step=100),
        more_people=Crowd(first=100_000, count=1_500, filer_step=1, reader_step=100),
        rounds=1,
        seconds=0.3,
    )

    report = settling.run(plan, settling.NAMES, Console(quiet=True)).as_json()

    assert set(report["calls"]) == set(settling.NAMES)
    for figures in report["calls"].values():
        assert figures["ratio_to_pgbench"] > 0
        assert figures["p99_ms"] >= figures["p50_ms"] > 0
    assert report["calls"]["settle"]["statements"] > report["calls"]["decode"]["statements"] > 1


def test_under_load_every_answered_bill_is_there_and_the_ledger_is_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = settling_load.main(["--rate", "10", "--minutes", "0.03", "--people", "60", "--scan", "--json"])

    figures = json.loads(capsys.readouterr().out)
    assert (code, figures["errors"], figures["ledger_findings"]) == (0, {}, 0)
    assert figures["answered"] == figures["in_the_database"] == 18
    # With those that warm up there are 60 bills, and each has one message at a time.
    assert figures["notices_waiting"] <= 60
    assert min(figures[f"{who}_cpu_ms"] for who in ("server", "worker", "client")) > 0
