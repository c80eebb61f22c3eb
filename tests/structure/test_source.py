"""What may stand where in the source (design: layout)."""

import ast
import re
from collections.abc import Iterator

from tests.structure.sources import Source, assigned, calls, comments, dotted, python_files

CLOCK = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime|ctime|strftime)|clock_gettime)$"
)
ENVIRONMENT = frozenset({"os.environ", "os.environb", "os.getenv", "os.putenv", "os.environ.get"})
LINES = 400
LONGER: dict[str, str] = {}
"""Files over the limit, each with the reason why it is not taken apart."""

APP = python_files("app")
PRODUCT = python_files("app", "mock_client")
EVERYTHING = python_files("app", "mock_client", "tests", "migrations")


def test_the_source_is_found() -> None:
    """The rules below would hold for an empty list too."""
    assert len(APP) > 100
    assert len(EVERYTHING) > len(PRODUCT) > len(APP)


def test_only_the_kit_commits() -> None:
    found = [
        source.where(call)
        for source in APP
        if not source.inside("app/kit/")
        for call, name in calls(source)
        if name.split(".")[-1] in {"commit", "prepare", "rollback"}
    ]
    assert found == []


def test_only_the_kit_s_clock_reads_the_clock() -> None:
    found = [
        f"{source.where(call)} {name}"
        for source in APP
        if not source.inside("app/kit/clock.py")
        for call, name in calls(source)
        if CLOCK.search(name)
    ]
    assert found == []


def test_only_the_settings_read_the_environment() -> None:
    found = [
        source.where(node)
        for source in APP
        if not source.inside("app/config.py")
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Attribute) and dotted(node) in ENVIRONMENT)
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and _imports(node, "environ", "getenv"))
    ]
    assert found == []


OWN_STATUS = ("app/notices/", "app/identity/", "app/kit/api/")
"""Where other things than cases have a status: notices, real-name checks, HTTP answers."""


def test_only_the_engine_assigns_the_status_of_a_case() -> None:
    found = [
        source.where(target)
        for source in APP
        if not source.inside("app/workflow/engine.py", *OWN_STATUS)
        for target in assigned(source)
        if target.attr == "status"
    ]
    assert found == []


def test_no_statement_writes_the_status_of_a_case_around_the_engine() -> None:
    """No ``update(Filing)``, no ``setattr``; a new case is a draft."""
    found = []
    for source in APP:
        for call, name in calls(source):
            first = dotted(call.args[0]) if call.args else ""
            if name.split(".")[-1] in {"update", "insert"} and first == "Filing":
                found.append(source.where(call))
            if name == "setattr" and not source.inside("app/kit/sealing.py"):
                found.append(source.where(call))
            if name == "Filing":
                found.extend(
                    source.where(call)
                    for keyword in call.keywords
                    if keyword.arg == "status" and dotted(keyword.value) != "Status.DRAFT"
                )
    assert found == []


def test_only_the_history_writes_events() -> None:
    found = [
        source.where(call)
        for source in APP
        if not source.inside("app/filings/history.py")
        for call, name in calls(source)
        if name == "FilingEvent"
    ]
    assert found == []


def test_nothing_is_imported_inside_a_function() -> None:
    found = [
        source.where(inner)
        for source in EVERYTHING
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert found == []


FRAMEWORK = ("flask", "flask_smorest", "werkzeug")


def test_services_workflow_and_benefits_do_not_import_flask() -> None:
    found = [
        source.where(node)
        for source in APP
        if source.path.endswith("/service.py") or source.inside("app/workflow/", "app/benefits/")
        for node, module in _imported(source)
        if module.split(".")[0] in FRAMEWORK
    ]
    assert found == []


def test_routes_hold_no_sql() -> None:
    """A route's body is one call; statements are in queries and services."""
    found = [
        source.where(node)
        for source in APP
        if source.path.endswith("/routes.py")
        for node, module in _imported(source)
        if module.split(".")[0] == "sqlalchemy"
    ]
    assert found == []


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        source.path: source.lines for source in EVERYTHING if source.lines > LINES and not _generated(source)
    }
    assert set(long) == set(LONGER), long


def test_every_module_says_what_it_is_for() -> None:
    found = [source.path for source in PRODUCT if source.lines and not ast.get_docstring(source.tree)]
    assert found == []


def test_nothing_is_left_to_be_done() -> None:
    found = [
        f"{source.path}:{line}"
        for source in PRODUCT
        for line, comment in comments(source)
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", comment)
    ]
    found += [
        source.where(node)
        for source in PRODUCT
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name) and node.id == "NotImplementedError"
    ]
    assert found == []


def test_every_silenced_rule_is_named() -> None:
    """``noqa`` and ``type: ignore`` name what they silence."""
    found = []
    for source in PRODUCT:
        for line, comment in comments(source):
            if "noqa" in comment and not re.search(r"noqa: [A-Z]+\d+", comment):
                found.append(f"{source.path}:{line}")
            if "type: ignore" in comment and not re.search(r"type: ignore\[[\w, -]+\]", comment):
                found.append(f"{source.path}:{line}")
    assert found == []


def _generated(source: Source) -> bool:
    return source.inside("migrations/versions/")


def _imports(node: ast.ImportFrom, *names: str) -> bool:
    return any(alias.name in names for alias in node.names)


def _imported(source: Source) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node, node.module
