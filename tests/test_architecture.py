"""Who may import whom, how large modules may be, and what must stay off the start-up path."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import tomli

ROOT = Path(__file__).parent.parent

# A row may import its own row and the rows above it in this table, never one below.
ROWS: tuple[tuple[str, ...], ...] = (
    (
        "errors",
        "amounts",
        "struct",
        "regex",
        "source",
        "moving",
        "glob",
        "gitignored",
        "gitindex",
        "changes",
        "blame",
        "toml_lines",
        "atomic",
        "cache",
        "__init__",
    ),
    ("edit", "claim"),
    ("finding",),
    ("reference", "dockerfile", "shell", "context", "secrets", "base", "image", "registry", "toolchains"),
    (
        "flow",
        "pinning",
        "python_sources",
        "context.invocation",
        "context.invocations",
        "image.steps",
        "image.history",
        "image.claims",
        "suppression",
        "masking",
    ),
    ("rule", "rewrite", "restructure", "formatting"),
    ("api",),
    ("rules",),
    ("subjects",),
    ("unit", "ignore_unit", "image_unit", "suppression_unit", "rule_index", "earlier"),
    (
        "run",
        "report",
        "catalog",
        "config",
        "config_file",
        "config_keys",
        "config_layers",
        "config_schema",
        "migration",
        "migration_sources",
        "presets",
        "version_range",
        "peers",
        "suppression_forms",
        "suppress",
        "engine",
    ),
    ("suppression_check",),
    ("discovery", "buffers", "baseline", "verify", "build_files", "build_plan", "builds"),
    (
        "file_report",
        "refusals",
        "requested_fixes",
        "file_check",
        "ignore_files",
        "ignore_check",
        "build_needs",
        "suggest",
        "check",
    ),
    ("settle", "fixing"),
    ("add_ignores",),
    ("cli", "lsp", "testing", "testing_image", "__main__"),
)
# Rooms of one row that may look into one another, in this direction only.
NEIGHBOURS = {
    "dockerfile": {"reference"},
    "python_sources": {"flow"},
    "reference": set(),
    "base": {"reference"},
    "context": set(),
    "secrets": set(),
    "image": {"reference", "registry", "secrets"},
    "registry": {"reference"},
    "toolchains": set(),
    "shell": {"dockerfile"},
    "report": {"run", "catalog"},
}
BANNED_AT_START = {
    "dataclasses", "inspect", "logging", "pathlib", "json", "tomli", "pathspec", "subprocess", "tempfile",
    "shlex", "importlib.resources", "libcst", "rich", "pygls", "dockerfile_parse", "difflib", "unittest",
}  # fmt: skip
# Loaded by a function of their room only when somebody asks for what they do; no plain check does.
ON_DEMAND = {"dfguard.python_sources.rewrite", "dfguard.context.pathspec_view", "dfguard.dockerfile.second"}
SHAPELESS = re.compile(r"(?:^|_)(?:util|utils|helper|helpers|manager|managers|common|misc)(?:_|$)")
MOST_LINES = 400
GENERATED = {"dfguard.rule_index", "dfguard.secrets.generated"}


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name, the rules under `dfguard.rules`."""
    found = {}
    for folder, package in (("dfguard", "dfguard"), ("rules", "dfguard.rules")):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            name = ".".join((package, *parts)).removesuffix(".__init__")
            found[name] = path
    return found


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def imports(node: ast.AST, *, at_start: bool = False) -> Iterator[str]:
    """The modules that a piece of code names in imports; `at_start`: only those that run with the module."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            assert child.module is not None
            yield from (known(f"{child.module}.{alias.name}", child.module) for alias in child.names)
        elif at_start and (isinstance(child, (ast.FunctionDef, ast.Lambda)) or is_type_checking(child)):
            continue
        else:
            yield from imports(child, at_start=at_start)


def known(longer: str, shorter: str) -> str:
    return longer if longer in modules() or longer in BANNED_AT_START else shorter


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def row(name: str) -> int:
    """The row of a module; the longest entry of the table that fits counts."""
    short = name.removeprefix("dfguard").removeprefix(".") or "__init__"
    fitting = [(len(entry), at) for at, line in enumerate(ROWS) for entry in line if fits(short, entry)]
    assert fitting, f"{name} has no place in the table: give it one"
    return max(fitting)[1]


def fits(short: str, entry: str) -> bool:
    return short == entry or short.startswith(entry + ".")


def own(name: str) -> set[str]:
    """The project's own modules that a module imports anywhere, for types included."""
    return {found for found in imports(tree(name)) if found in modules()}


@pytest.mark.parametrize("name", modules())
def test_a_module_imports_its_own_row_and_those_above_it_only(name: str) -> None:
    wrong = sorted(other for other in own(name) if row(other) > row(name))
    assert not wrong, f"{name} imports from rows below its own"


@pytest.mark.parametrize("name", [n for n in modules() if n.split(".")[1:2] and n.split(".")[1] in NEIGHBOURS])
def test_rooms_of_one_row_look_into_each_other_as_the_table_says(name: str) -> None:
    room = name.split(".")[1]
    others = {other.split(".")[1] for other in own(name) if other != "dfguard" and row(other) == row(name)}
    assert others - {room} <= NEIGHBOURS[room]


def test_no_module_imports_itself_through_others() -> None:
    """Peel off what imports nothing of the rest, then what nothing of the rest imports: cycles are left."""
    graph = {name: own(name) - {name} - ON_DEMAND for name in modules()}
    while leaves := {name for name in graph if not graph[name] & set(graph)}:
        graph = {name: found for name, found in graph.items() if name not in leaves}
    while roots := set(graph) - {found for name in graph for found in graph[name]}:
        graph = {name: found for name, found in graph.items() if name not in roots}
    assert not {name: found & set(graph) for name, found in graph.items()}


@pytest.mark.parametrize("name", [n for n in modules() if n.startswith("dfguard.rules.")])
def test_a_rule_imports_the_api_and_the_standard_library_only(name: str) -> None:
    allowed = {"dfguard.api", "__future__"}
    wrong = [f for f in imports(tree(name)) if f not in allowed and f.split(".")[0] not in sys.stdlib_module_names]
    assert not wrong


@pytest.mark.parametrize("name", modules())
def test_a_module_has_a_telling_name_a_docstring_and_a_readable_size(name: str) -> None:
    text = modules()[name].read_text(encoding="utf-8")
    assert not SHAPELESS.search(name.rpartition(".")[2]), "the name says nothing of what it does"
    assert text.count("\n") <= MOST_LINES or name in GENERATED
    if modules()[name].name != "__init__.py":
        assert ast.get_docstring(tree(name))


def broad_handlers(module: ast.Module) -> Iterator[ast.ExceptHandler]:
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "BaseException"
            if re.search(r"\b(?:Base)?Exception\b", caught) and not any(
                isinstance(n, ast.Raise) for n in ast.walk(node)
            ):
                yield node


def test_only_the_engine_swallows_any_exception() -> None:
    """A crash must not read as silence; the engine turns it into an error of the run."""
    swallowing = {name for name in modules() if any(broad_handlers(tree(name)))}
    assert swallowing == {"dfguard.engine"}


def loaded_by_a_check() -> set[str]:
    """All modules that `dfguard check` may load, in functions too, every rule included."""
    todo = ["dfguard.cli.main", "dfguard.cli.check", *(name for name in modules() if name.startswith("dfguard.rules."))]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in modules() and name not in seen | ON_DEMAND:
            seen.add(name)
            todo += imports(tree(name))
    return seen


@pytest.mark.parametrize("name", sorted(loaded_by_a_check()))
def test_nothing_slow_is_imported_at_start(name: str) -> None:
    """Each of these costs 5 to 120 ms of start-up; import them in the function that needs them."""
    slow = {f for f in imports(tree(name), at_start=True) if any(fits(f, banned) for banned in BANNED_AT_START)}
    assert not slow


def test_every_package_is_listed_for_the_wheel() -> None:
    """setuptools does not find rules/ by itself: what is not listed would silently be left out."""
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = project["tool"]["setuptools"]["packages"]
    assert sorted(listed) == sorted(name for name, path in modules().items() if path.name == "__init__.py")
