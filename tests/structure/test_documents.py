"""What is drawn from the code and committed is that of the code."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.cli import main
from app.commands import docs
from app.commands.openapi import DOCUMENT
from app.kit.errors import CATALOGUE
from tests.structure.modules import import_everything
from tests.structure.sources import ROOT

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def pages() -> Mapping[str, str]:
    return docs.current_pages()


@pytest.mark.parametrize("name", ["errors.md", "infcodes.md", "workflows.md", "routes.md"])
def test_a_page_is_that_of_the_code(name: str, pages: Mapping[str, str]) -> None:
    """Run `zhangban docs write` when this fails."""
    assert (DOCS / name).read_text("utf-8") == pages[name]


def test_every_error_code_is_documented_in_both_languages() -> None:
    import_everything()
    text = (DOCS / "errors.md").read_text("utf-8")
    for kind in CATALOGUE.values():
        row = next((line for line in text.splitlines() if f"`{kind.code}`" in line), None)
        assert row is not None, f"{kind.code} is not documented"
        assert str(kind.detail) in row
        assert kind.detail.en in row


def test_a_page_that_was_edited_or_is_missing_is_named(tmp_path: Path) -> None:
    fresh = {"errors.md": "one\n", "routes.md": "two\n", "workflows.md": "three\n"}
    (tmp_path / "errors.md").write_text("one\n", "utf-8")
    (tmp_path / "routes.md").write_text("two, and more\n", "utf-8")

    assert docs.outdated(tmp_path, fresh) == ["routes.md", "workflows.md"]


@pytest.mark.parametrize("command", [["docs", "check"], ["openapi", "check"]])
def test_the_command_says_that_all_is_up_to_date(command: list[str]) -> None:
    """Run `zhangban docs write` or `zhangban openapi write` when this fails."""
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output


def test_the_openapi_document_is_valid() -> None:
    OpenAPIV31SpecValidator(json.loads(DOCUMENT.read_text("utf-8"))).validate()
