"""What is committed: dependencies explained and locked, nothing of anybody's machine."""

import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from tests.structure.sources import ROOT, committed

TEXT = (
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".json",
    ".csv",
    ".yml",
    ".yaml",
    ".sh",
    ".ts",
    ".vue",
    ".css",
    ".html",
)
MACHINE = re.compile(r"(?<![\w.:/-])/(root|home|Users|work|mnt|opt/\w+)/[\w.]+|\b[A-Z]:\\Users\\")
PERSONAL_NUMBER = re.compile(
    r"(?<![0-9A-Za-z.])[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d\d{3}[\dX](?![0-9A-Za-z])"
)


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_every_dependency_says_what_it_is_for() -> None:
    wanted = project()["project"]
    names = [
        *wanted["dependencies"],
        *(one for group in wanted["optional-dependencies"].values() for one in group),
    ]
    lines = (ROOT / "pyproject.toml").read_text("utf-8").splitlines()
    assert len(names) > 20
    for name in names:
        line = next(line for line in lines if f'"{name}"' in line)
        assert len(line.partition(",")[2].partition("#")[2].strip()) >= 8, f"{name}: say what it is for"


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_a_lock_file_pins_and_hashes_everything_and_names_no_address(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text("utf-8")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    packages = [line for line in lines if not line.startswith("--")]
    options = {line.split()[0].split("=")[0] for line in lines if line.startswith("--")}

    assert len(packages) > 20
    assert [
        line for line in packages if not re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.+!-]+( ;.*)? \\$", line)
    ] == []
    assert options == {"--hash"}
    assert re.findall(r"\w+://\S+|file:\S+|@ \S+", text) == []


def test_every_dependency_is_locked() -> None:
    wanted = project()["project"]
    locked = {
        name: (ROOT / "requirements" / name).read_text("utf-8").lower().replace("_", "-")
        for name in ("base.txt", "dev.txt")
    }
    for group, name in (
        (wanted["dependencies"], "base.txt"),
        (wanted["optional-dependencies"]["dev"], "dev.txt"),
    ):
        for one in group:
            bare = re.split(r"[\[>=<~!;]", one)[0].strip().lower().replace("_", "-")
            assert re.search(rf"^{re.escape(bare)}==", locked[name], re.MULTILINE) or re.search(
                rf"^{re.escape(bare)}\[[\w,-]+\]==", locked[name], re.MULTILINE
            ), f"{one} is not in requirements/{name}"


def test_no_file_names_a_path_of_a_machine() -> None:
    found = []
    for path in committed():
        if path.endswith(TEXT) or "." not in path.rsplit("/", 1)[-1]:
            text = (ROOT / path).read_text("utf-8", errors="replace")
            found.extend(f"{path}: {match.group()}" for match in MACHINE.finditer(text))
    assert found == []


def test_no_data_file_holds_somebody_s_id_number() -> None:
    """People of the demo and of tests are made anew; numbers written out are those that tests name."""
    found = [
        f"{path}: {match.group()[:6]}…"
        for path in committed()
        if path.endswith((".csv", ".json", ".toml", ".md", ".txt"))
        for match in PERSONAL_NUMBER.finditer((ROOT / path).read_text("utf-8", errors="replace"))
    ]
    assert found == []


def test_nothing_committed_is_made_by_running() -> None:
    """Databases, caches and built files are ignored."""
    made = re.compile(r"\.(sqlite3|pyc|log|pdf)$|(^|/)(__pycache__|node_modules|\.demo|\.hypothesis)/")
    assert [path for path in committed() if made.search(path)] == []


def test_imports_go_down_the_layers() -> None:
    """The contracts in pyproject.toml, checked by import-linter."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
    ]
    done = subprocess.run(
        [*command, "--no-cache", "--verbose"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "0 broken" in done.stdout
