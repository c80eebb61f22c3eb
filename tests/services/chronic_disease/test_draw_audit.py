"""``zhangban chronic audit-draws``: every draw of a past day is repeated, and an edited one is named."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from clinic import DIABETES, HYPERTENSION, REGION, Clinic
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.cli import main
from app.config import Settings
from app.filings.models import Assignment
from app.kit import clock, ids
from app.services.chronic_disease import draw_audit, seeds
from app.services.chronic_disease.drawing import commitment
from app.services.chronic_disease.models import DrawSeed, ExpertDraw
from tests.somebody import Somebody

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Run:
    def invoke(*arguments: str) -> Result:
        environment = {
            "ZHANGBAN_DATA_DIR": str(tmp_path),
            "ZHANGBAN_DATABASE_URL": settings.database_url,
        }
        words = ["chronic", "audit-draws", *arguments]
        return CliRunner().invoke(main, words, env=environment, catch_exceptions=False)

    return invoke


@pytest.fixture
def day(clinic: Clinic) -> date:
    """A day that is over, with draws for three cases; one of them went on with a second expert."""
    yesterday = clock.today() - timedelta(days=1)
    with clinic.later(yesterday):
        for codes in ((HYPERTENSION,), (DIABETES,), (HYPERTENSION, DIABETES)):
            clinic.apply(clinic.world.citizen(region=REGION), *codes)
        patient = clinic.world.citizen(region=REGION)
        case = clinic.apply(patient, HYPERTENSION)
        clinic.ask(clinic.expert_of(case), case, "outpatient_record")
        paper = str(clinic.world.paper(patient, "outpatient_record")["id"])
        clinic.do(patient, case, "resubmit", material_ids=[paper])
        clinic.decide_all(case)
        clinic.do(patient, case, "appeal", reason="不同意")
    return yesterday


DRAWS = 6


def some_draw(session: Session) -> ExpertDraw:
    return session.execute(select(ExpertDraw).order_by(ExpertDraw.id).limit(1)).scalar_one()


def faults(run: Run, day: date) -> list[dict[str, str]]:
    done = run("--day", str(day), "--json")
    assert done.exit_code == 1
    found: list[dict[str, str]] = json.loads(done.stdout)["faults"]
    return found


def test_sound_draws_repeat(run: Run, day: date) -> None:
    done = run("--day", str(day))
    assert done.exit_code == 0, done.output
    assert f"{DRAWS} draws of {day} repeated, 0 faults found." in done.output
    told = json.loads(run("--json", "--region", REGION).stdout)
    assert told == {"day": str(day), "draws": DRAWS, "faults": []}, "yesterday, if no day is given"


def _another_expert(clinic: Clinic, session: Session) -> None:
    draw = some_draw(session)
    other = next(one for one in clinic.experts if one != draw.account_id)
    session.execute(update(ExpertDraw).where(ExpertDraw.id == draw.id).values(account_id=other))


def _another_record(clinic: Clinic, session: Session) -> None:
    draw = some_draw(session)
    record = draw.record
    other = next(one for one, _ in record["eligible"] if one != record["chosen"])
    draw.record = {**record, "chosen": other}


def _a_load_changed(clinic: Clinic, session: Session) -> None:
    draw = some_draw(session)
    record = draw.record
    record["facts"]["candidates"][0]["load"] += 9
    draw.record = record


def _a_relative_left_out(clinic: Clinic, session: Session) -> None:
    draw = some_draw(session)
    record = draw.record
    record["facts"]["relatives"] = []
    draw.record = record


def _bytes_changed(clinic: Clinic, session: Session) -> None:
    draw = some_draw(session)
    session.execute(update(ExpertDraw).where(ExpertDraw.id == draw.id).values(record_sealed=b"x" * 80))


def _another_assignment(clinic: Clinic, session: Session) -> None:
    draw = some_draw(session)
    other = next(one for one in clinic.experts if one != draw.account_id)
    session.execute(update(Assignment).where(Assignment.id == draw.assignment_id).values(account_id=other))


@pytest.mark.parametrize(
    "edit",
    [
        _another_expert,
        _another_record,
        _a_load_changed,
        _a_relative_left_out,
        _bytes_changed,
        _another_assignment,
    ],
)
def test_an_edited_draw_is_named(
    clinic: Clinic, run: Run, day: date, edit: Callable[[Clinic, Session], None]
) -> None:
    clinic.world.write(lambda session: edit(clinic, session))
    row = str(clinic.world.write(lambda session: some_draw(session).id))
    found = faults(run, day)
    assert {one["row"] for one in found if one["table"] == "expert_draw"} == {row}
    assert row in run("--day", str(day)).stdout


def test_a_seed_that_was_exchanged_is_named_with_all_its_draws(clinic: Clinic, run: Run, day: date) -> None:
    def exchange(session: Session) -> None:
        seed = session.execute(select(DrawSeed).where(DrawSeed.day == day)).scalar_one()
        seed.seed = "ab" * 32

    clinic.world.write(exchange)
    assert [one["table"] for one in faults(run, day)].count("draw_seed") == 1
    assert len({one["row"] for one in faults(run, day)}) == DRAWS + 1

    def with_its_commitment(session: Session) -> None:
        seed = session.execute(select(DrawSeed).where(DrawSeed.day == day)).scalar_one()
        seed.commitment = commitment(seeds.secret(seed))

    clinic.world.write(with_its_commitment)
    assert len({one["row"] for one in faults(run, day)}) == DRAWS, "the draws say what was committed to"


def test_an_expert_whom_nobody_drew_is_named(clinic: Clinic, run: Run, day: date) -> None:
    def put_in(session: Session) -> UUID:
        draw = some_draw(session)
        known = session.get_one(Assignment, draw.assignment_id)
        named = session.execute(
            select(Assignment.account_id).where(Assignment.filing_id == draw.filing_id)
        ).scalars()
        other = next(one for one in clinic.experts if one not in set(named))
        made = Assignment(
            id=ids.new_id(),
            filing_id=known.filing_id,
            person_id=known.person_id,
            account_id=other,
            part=known.part,
            round=known.round,
            due_at=known.due_at,
            created_at=known.created_at,
        )
        session.add(made)
        return made.id

    row = clinic.world.write(put_in)
    assert [(one["table"], one["row"]) for one in faults(run, day)] == [("filing_assignment", str(row))]


def test_a_draw_that_was_removed_shows_by_its_assignment(clinic: Clinic, run: Run, day: date) -> None:
    def remove(session: Session) -> None:
        session.execute(delete(ExpertDraw).where(ExpertDraw.id == some_draw(session).id))

    clinic.world.write(remove)
    assert [one["table"] for one in faults(run, day)] == ["filing_assignment"]


def test_a_day_that_is_not_over_tells_nothing(clinic: Clinic, patient: Somebody, run: Run) -> None:
    clinic.apply(patient, HYPERTENSION)
    done = run("--day", str(clock.today()))
    assert done.exit_code == 2
    assert "not over" in done.output


@pytest.mark.parametrize("arguments", [("--day", "yesterday"), ("--day", "2024-01-01", "--region", "999999")])
def test_what_cannot_be_asked_is_said(clinic: Clinic, run: Run, arguments: Any) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_it_walks_in_batches(clinic: Clinic, day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw_audit, "BATCH", 2)
    with clinic.world.parts.database.reading() as session:
        pools = draw_audit.pools(session, None)
        assert list(draw_audit.audit(session, pools, day)) == [2, 4, DRAWS]
        assert draw_audit.count(session, pools, day) == DRAWS


def test_what_is_public_of_a_day_is_the_seed_only_when_it_is_over(
    clinic: Clinic, patient: Somebody, day: date
) -> None:
    seeds.commit_ahead(clinic.world.parts.database)
    shown = clinic.world.nobody.ok("GET", f"/chronic/draws?region_code={REGION}")["items"]
    by_day = {one["day"]: one for one in shown}
    over, today = by_day[str(day)], by_day[str(clock.today())]
    assert commitment(bytes.fromhex(over["seed"])) == over["commitment"]
    assert today["seed"] is None
    assert len(by_day) == seeds.DAYS_AHEAD + 2
