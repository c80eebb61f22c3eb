"""The source as trees, for tests of what may stand where."""

import ast
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the project's root, and its tree."""

    path: str
    tree: ast.Module
    lines: int

    def inside(self, *places: str) -> bool:
        """Whether it is one of these files, or lies in one of these folders (which end in /)."""
        return any(
            self.path.startswith(place) if place.endswith("/") else self.path == place for place in places
        )

    def where(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def committed() -> tuple[str, ...]:
    """The files of the project: those that git knows, and those that it would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for path in sorted(listed.splitlines()) if (ROOT / path).is_file())


@cache
def python_files(*folders: str) -> tuple[Source, ...]:
    """Every Python file below these folders."""
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text("utf-8")
            relative = path.relative_to(ROOT).as_posix()
            found.append(Source(relative, ast.parse(text, relative), text.count("\n")))
    return tuple(found)


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of an attribute or name; the unknown part as an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def calls(source: Source) -> Iterator[tuple[ast.Call, str]]:
    """Each call and the dotted name that is called."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def assigned(source: Source) -> Iterator[ast.Attribute]:
    """Each attribute that a statement assigns."""
    for node in ast.walk(source.tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For):
            targets = [node.target]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                    yield part


def comments(source: Source) -> Iterator[tuple[int, str]]:
    """Each comment with its line."""
    with tokenize.open(ROOT / source.path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
