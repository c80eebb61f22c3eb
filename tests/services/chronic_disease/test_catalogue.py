"""The catalogue of diseases: the national codes in order, and a file that is wrong is refused with its line."""

from pathlib import Path

import pytest

from app.kit.toml_section import PackError
from app.services.chronic_disease.catalogue import diseases, find, read_catalogue

HEADER = "code,name,dise_type_code,settles_across_provinces,two_disease\n"


def test_the_catalogue_holds_the_45_diseases_in_the_files_order() -> None:
    codes = [disease.code for disease in diseases()]

    assert len(codes) == 45
    assert codes == sorted(codes)
    assert (codes[0], codes[-1]) == ("M00105", "M12100")


def test_a_disease_is_found_by_its_code_and_an_unknown_code_finds_none() -> None:
    hypertension = find("M03900")

    assert hypertension is not None
    assert (hypertension.name, hypertension.dise_type_code) == ("高血压病", "11")
    assert hypertension.settles_across_provinces
    assert find("M99999") is None


def test_ten_diseases_settle_across_provinces_under_twelve_codes() -> None:
    """domain.md §2.2: ten; hepatitis has a code for B and one for C, dialysis one for blood and one for peritoneum."""
    assert {disease.code for disease in diseases() if disease.settles_across_provinces} == {
        *("M00201", "M00202", "M00503", "M01600", "M03900", "M04600"),
        *("M05300", "M06900", "M07200", "M07803", "M07804", "M08300"),
    }


def test_the_two_diseases_are_hypertension_and_diabetes() -> None:
    assert {disease.name for disease in diseases() if disease.two_disease} == {"高血压病", "糖尿病"}


@pytest.mark.parametrize(
    ("rows", "finding"),
    [
        pytest.param(
            "M0390,高血压病,11,1,1\n", "line 2: code must be M and five digits", id="code too short"
        ),
        pytest.param("m03900,高血压病,11,1,1\n", "line 2: code must be M and five digits", id="small m"),
        pytest.param("M03900,,11,1,1\n", "line 2: name must be a name", id="nameless"),
        pytest.param(
            "M03900,高血压病,13,1,1\n", "line 2: dise_type_code must be 11 or 12", id="unknown type"
        ),
        pytest.param(
            "M03900,高血压病,11,yes,1\n", "line 2: settles_across_provinces must be 0 or 1", id="flag"
        ),
        pytest.param("M03900,高血压病,11,1\n", "line 2: two_disease must be 0 or 1", id="column missing"),
        pytest.param(
            "M03900,高血压病,11,1,1\nM03900,高血压,11,1,1\n",
            "line 3: the code M03900 is given",
            id="given twice",
        ),
        pytest.param("", "must hold at least one disease", id="empty"),
    ],
)
def test_a_wrong_catalogue_is_refused_with_the_line(tmp_path: Path, rows: str, finding: str) -> None:
    path = tmp_path / "diseases.csv"
    path.write_text(HEADER + rows, encoding="utf-8")

    with pytest.raises(PackError, match=finding) as caught:
        read_catalogue(path)

    assert caught.value.file == "diseases.csv"
