"""``zhangban chronic`` as an operator types it."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.commands import chronic
from app.services.chronic_disease.simulation import Report, simulate


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["chronic", "simulate-draws", *arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def small() -> Report:
    return simulate(cases=40, experts=25, seed="small")


@pytest.fixture
def sound(small: Report) -> Report:
    """A report in which all went well."""
    rows = tuple(replace(row, share_percent=100.0) for row in small.rows)
    return replace(small, rows=rows, lowest_percent=100.0, highest_percent=100.0)


def given(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chronic, "simulate", lambda **_: report)


def test_the_table_names_every_expert_and_the_verdict(sound: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    given(sound, monkeypatch)
    done = run()
    assert done.exit_code == 0
    for row in sound.rows:
        assert row.expert in done.stdout
        assert "、".join(row.specialties) in done.stdout, "not cut off"
    assert "Load: 100.0% to 100.0% of equal load (allowed ±10%): within." in done.stdout
    assert "Draws against a rule: 0." in done.stdout
    assert done.stdout.endswith("Sound.\n")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"conflicts": ("draw 7: a relative",)}, "Draws against a rule: 1.\n  draw 7: a relative"),
        ({"differences": ("draw 50: chosen: …",)}, "1 differences.\n  draw 50: chosen: …"),
    ],
)
def test_a_fault_is_named_and_the_exit_code_is_1(
    fault: dict[str, tuple[str, ...]], words: str, sound: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(replace(sound, **fault), monkeypatch)
    done = run()
    assert done.exit_code == 1
    assert words in done.stdout
    assert done.stdout.endswith("NOT sound.\n")


@pytest.mark.parametrize(("share", "exit_code"), [(90.0, 0), (89.9, 1), (110.0, 0), (110.1, 1)])
def test_load_may_be_ten_percent_from_equal(
    share: float, exit_code: int, sound: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = replace(sound.rows[0], share_percent=share)
    given(replace(sound, rows=(first, *sound.rows[1:])), monkeypatch)
    done = run()
    assert done.exit_code == exit_code
    assert (f"  {first.expert}: {share}%, could be drawn" in done.stdout) == bool(exit_code)


def test_machines_get_json_alone_on_standard_output() -> None:
    """Forty cases for 25 experts cannot be within ten percent, so the verdict is no."""
    done = run("--cases", "40", "--experts", "25", "--seed", "small", "--json")
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    assert (report["cases"], report["seed"], report["is_sound"]) == (40, "small", False)
    assert len(report["rows"]) == 25
    assert report["conflicts"] == report["differences"] == []


@pytest.mark.parametrize("arguments", [("--cases", "0"), ("--experts", "0"), ("--cases", "many")])
def test_what_cannot_be_drawn_is_refused(arguments: tuple[str, str]) -> None:
    assert run(*arguments).exit_code == 2
