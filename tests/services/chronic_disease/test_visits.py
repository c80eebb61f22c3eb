"""The feed of visits: what is taken, what is bad and why, and that the same twice is once."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from clinic import REGION, Clinic
from feed import Feed
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cli import main
from app.config import Settings
from app.kit import clock
from app.kit.csv_rows import BadLine
from app.kit.db import Database
from app.places.models import Institution
from app.services.chronic_disease.offer_models import Visit
from app.services.chronic_disease.visit_rows import COLUMNS, VisitRow, read_row
from tests.somebody import Somebody, id_number


@pytest.fixture
def feed(clinic: Clinic) -> Feed:
    return Feed(clinic)


def fields_of(answer: dict[str, Any]) -> dict[int, list[str]]:
    """Position → the entries that are wrong."""
    return {row["position"]: [one["field"] for one in row["problems"]] for row in answer["bad"]}


def count(database: Database) -> int:
    with database.reading() as session:
        return session.execute(select(func.count()).select_from(Visit)).scalar_one()


def test_the_good_rows_are_kept_and_the_bad_named_by_position_with_all_that_is_wrong(
    feed: Feed, patient: Somebody
) -> None:
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    answer = feed.report(
        feed.row(patient, diagnosis="高血压性心脏病"),
        feed.row(patient, visited_on="2026-02-30", icd10="heart"),
        feed.row(patient, kind="inpatient", discharged_on=None),
        feed.row(patient, kind="outpatient"),
        feed.row(patient, discharged_on="2019-01-01"),
        feed.row(patient, visited_on=tomorrow, discharged_on=tomorrow),
        feed.row("610727199001010000"),
        feed.row(patient, visit_no=5, surprise="?"),
        feed.outpatient(patient, "i10.x00", clock.today()),
    )

    assert (answer["taken"], answer["known"]) == (2, 0)
    assert fields_of(answer) == {
        1: ["icd10", "visited_on"],
        2: ["discharged_on"],
        3: ["discharged_on"],
        4: ["discharged_on"],
        5: ["visited_on", "discharged_on"],
        6: ["id_no"],
        7: ["visit_no", "surprise"],
    }
    assert patient.id_no not in json.dumps(answer)


def test_the_same_twice_is_once_and_other_content_is_refused(feed: Feed, patient: Somebody) -> None:
    first = feed.row(patient)
    assert feed.report(first)["taken"] == 1

    again = feed.report(first, {**first, "icd10": "I25.200"})

    assert (again["taken"], again["known"]) == (0, 1)
    assert fields_of(again) == {1: ["visit_no"]}
    twice = feed.row(patient)
    both = feed.report(twice, twice)
    assert (both["taken"], both["known"]) == (1, 1)


def test_of_the_diagnosis_only_the_code_is_kept(feed: Feed, patient: Somebody) -> None:
    feed.report(feed.row(patient, icd10="e11.300+", diagnosis="2型糖尿病伴有眼的并发症"))

    with feed.world.parts.database.reading() as session:
        kept = session.execute(select(Visit)).scalar_one()
    assert kept.icd10 == "E11.300"
    assert "diagnosis" not in Visit.__table__.columns


def test_a_terminal_reports_for_its_own_institution_only(feed: Feed, patient: Somebody) -> None:
    other = feed.world.hospital(REGION)
    code = feed.world.parts.database.run(lambda session: _code(session, other.id))
    own = feed.world.parts.database.run(lambda session: _code(session, feed.clinic.hospital.id))

    answer = feed.report(feed.row(patient, institution_code=code), feed.row(patient, institution_code=own))

    assert answer["taken"] == 1
    assert fields_of(answer) == {0: ["institution_code"]}


def _code(session: Session, institution_id: UUID) -> str:
    return session.get_one(Institution, institution_id).code


def test_a_terminal_does_not_learn_who_is_insured_elsewhere(feed: Feed) -> None:
    """Given somebody of 太原 and somebody of nowhere, when the hospital of 略阳 reports, both answers are the same."""
    elsewhere = feed.world.citizen(region="1401")
    nobody = id_number("140105", clock.today() - timedelta(days=15_000))

    answer = feed.report(feed.row(elsewhere), feed.row(nobody))

    assert answer["taken"] == 0
    first, second = answer["bad"]
    assert first["problems"] == second["problems"]


def test_who_is_insured_in_another_county_of_the_city_is_insured_here(feed: Feed) -> None:
    neighbour = feed.world.citizen(region="610702")
    assert feed.report(feed.row(neighbour))["taken"] == 1


@pytest.mark.parametrize("size", [0, 501])
def test_a_call_takes_one_to_500_visits(feed: Feed, patient: Somebody, size: int) -> None:
    body = {"visits": [feed.row(patient)] * size}
    assert feed.terminal.refused("POST", "/visits", body) == (422, "invalid_input")


def test_500_visits_fit_into_one_call(feed: Feed, patient: Somebody) -> None:
    rows = [feed.row(patient, diagnosis="高血压性心脏病伴有心力衰竭") for _ in range(500)]
    assert feed.report(*rows)["taken"] == 500


def test_only_terminals_report(feed: Feed, patient: Somebody) -> None:
    body = {"visits": [feed.row(patient)]}
    assert patient.refused("POST", "/visits", body)[0] == 403
    assert feed.world.handler(REGION).refused("POST", "/visits", body)[0] == 403


anything = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.lists(st.integers(), max_size=2)
)


@given(st.dictionaries(st.sampled_from(COLUMNS) | st.text(max_size=8), anything))
def test_any_row_is_read_or_named(row: dict[str, Any]) -> None:
    found = read_row(3, row, clock.today(), own_institution=True)

    assert isinstance(found, BadLine | VisitRow)
    assert found.line == 3
    if isinstance(found, BadLine):
        assert found.faults


class TestFiles:
    """``zhangban chronic import-visits``."""

    @pytest.fixture(autouse=True)
    def _environment(self, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
        monkeypatch.setenv("ZHANGBAN_DATABASE_URL", settings.database_url)
        monkeypatch.setenv("ZHANGBAN_DATA_DIR", str(settings.data_dir))

    def file(self, path: Path, feed: Feed, *rows: dict[str, Any]) -> Path:
        """Without the column that may be left out if no row has it."""
        code = feed.world.parts.database.run(lambda session: _code(session, feed.clinic.hospital.id))
        text = io.StringIO()
        names = [name for name in COLUMNS if name != "diagnosis" or any(name in row for row in rows)]
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows({"institution_code": code, **row} for row in rows)
        path.write_text("\ufeff" + text.getvalue(), "utf-8")
        return path

    def test_a_file_is_taken_and_may_be_run_again(
        self, feed: Feed, patient: Somebody, tmp_path: Path
    ) -> None:
        rows = [feed.row(patient, diagnosis="高血压，心衰") for _ in range(3)]
        bad = feed.row(patient, institution_code="H00000000000", icd10="?")
        path = self.file(tmp_path / "visits.csv", feed, *rows[:2], bad, *rows[2:])
        rejects = tmp_path / "rejects.csv"
        command = ["chronic", "import-visits", str(path), "--json", "--rejects", str(rejects)]

        first = CliRunner().invoke(main, command)
        again = CliRunner().invoke(main, command)

        assert first.exit_code == again.exit_code == 1, first.output
        told = json.loads(first.stdout)
        assert (told["new"], told["known"], told["bad"]) == (3, 0, 1)
        [bad_line] = told["bad_lines"]
        assert bad_line["line"] == 4
        assert [one["field"] for one in bad_line["faults"]] == ["icd10"]
        assert (json.loads(again.stdout)["new"], json.loads(again.stdout)["known"]) == (0, 3)
        assert rejects.read_text("utf-8").splitlines()[1].startswith("4,icd10,")
        assert patient.id_no not in first.output + rejects.read_text("utf-8")
        assert count(feed.world.parts.database) == 3

    def test_a_file_of_good_rows_ends_well_and_one_that_breaks_off_keeps_what_came_before(
        self, feed: Feed, patient: Somebody, tmp_path: Path
    ) -> None:
        path = self.file(tmp_path / "visits.csv", feed, feed.row(patient))
        command = ["chronic", "import-visits", str(path)]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
        assert "1 new visits, 0 known, 0 bad lines." in done.output

        self.file(path, feed, feed.row(patient))
        with path.open("a", encoding="utf-8") as file:
            file.write('"open')
        cut = CliRunner().invoke(main, command)
        assert cut.exit_code == 2
        assert "1 new visits, 0 known, 0 bad lines." in cut.output

    def test_a_file_without_our_columns_is_refused(self, feed: Feed, tmp_path: Path) -> None:
        path = tmp_path / "visits.csv"
        path.write_text("visit_no;id_no\n1;2\n", "utf-8")
        done = CliRunner().invoke(main, ["chronic", "import-visits", str(path)])
        assert done.exit_code == 2
        assert "line 1" in done.output
