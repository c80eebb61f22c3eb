"""docs/architecture.md: what the rooms are, in their modules' own words, and which imports which, read from the code."""

import ast
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

APP = Path(__file__).resolve().parents[1]
_SERVICES = "services"

_INTRO = """A request's way: `kit.api` authenticates in a short read of its own, parses strictly, runs the view in one
transaction, commits at the edge and answers, or answers one problem document. A route's body is one call of its domain's
service. Services know no Flask; effects upward go through the outbox, which the worker drains.

One idea carries the product: **a service (事项) is a declaration** (`filings/declaration.py`). It says who may ask, what
the form holds, which papers and rules decide, who reviews, how long it may take and what an approval gives; the case
engine (`filings/` over `workflow/`) does the rest for all services alike.

| to find | look in |
|---|---|
| who may call a route, which services there are | `app/registry.py` |
| a rule or a number of a region | `app/services/<service>/packs/*.toml`, each with its source |
| a number by which bills are paid | `app/benefits/packs/*.toml`, written as [policy-packs.md](policy-packs.md) says |
| what decides on a filing | `app/services/<service>/judging.py` and the pure modules beside it |
| what a state allows | `app/services/<service>/table.py`, drawn in [workflows.md](workflows.md) |
| a sentence that refuses | the domain's `errors.py`, all of them in [errors.md](errors.md) |
| how personal data is kept | `app/kit/sealing.py`, `app/kit/crypto.py` |
| what an outside system speaks | `app/gateways/`, and its stand-in in `mock_client/` |
"""


def architecture_page(made: str) -> str:
    """The page: the introduction, the graph of the rooms' imports, and what each room is for."""
    imports = room_imports()
    lines = [
        "# How it is laid out",
        "",
        made,
        "",
        _INTRO,
        "Imports between rooms, as they are (the kit and the",
    ]
    lines[-1] += " settings, which all may use, are left out):"
    lines += ["", "```mermaid", "flowchart TD"]
    for room in sorted(imports):
        lines += [
            f"    {room} --> {other}" for other in sorted(imports[room]) if other not in {"kit", "config"}
        ]
    lines += ["```", "", "| room | what it is for |", "|---|---|"]
    lines += [f"| `app/{room}` | {about} |" for room, about in rooms().items()]
    return "\n".join(lines) + "\n"


def rooms() -> Mapping[str, str]:
    """Room → the first sentence of its docstring, or of its service's or models' docstring."""
    found = {}
    for path in sorted(APP.iterdir()):
        if path.is_dir() and (path / "__init__.py").exists():
            found[path.name] = _first_sentence(path)
    return found


def room_imports() -> Mapping[str, set[str]]:
    """Room → the other rooms that its modules import."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(APP.rglob("*.py")):
        room = _room(path.relative_to(APP).with_suffix("").parts)
        for module in _imported(path):
            parts = module.split(".")
            if parts[0] == "app" and len(parts) > 1:
                other = _room(tuple(parts[1:]))
                if other != room:
                    found[room].add(other)
    return found


def _room(parts: tuple[str, ...]) -> str:
    """The folder or module below app/; what app/__init__.py defines is the application itself."""
    name = parts[0]
    there = (APP / name).is_dir() or (APP / f"{name}.py").exists()
    return name if there and name != "__init__" else "application"


def _imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = (
                {f"{node.module}.{name.name}" for name in node.names}
                if node.module == "app"
                else {node.module}
            )
            found |= inner
    return found


def _first_sentence(folder: Path) -> str:
    for name in ("__init__.py", "service.py", "models.py"):
        path = folder / name
        if path.exists():
            words = ast.get_docstring(ast.parse(path.read_text("utf-8")))
            if words:
                return " ".join(words.split("\n\n")[0].split())
    return ""
