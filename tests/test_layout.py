"""The house rules that no linter knows: who imports whom, where late imports may stand, how long things may be."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "crmcli"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

FOR_ALL = {"errors", "when", "config", "i18n", "nouns", "rules"}
LAYERS = {
    "commands": {"commands", "screens", "services", "queries", "store", "render", "exchange", "schedule"}
    | {"cli", "options", "completion", "context", "asking", "guide", "app"},
    "screens": {"screens", "services", "queries", "store", "render", "schedule", "notify", "context"},
    "services": {"services", "queries", "models", "store", "exchange", "notify"},
    "queries": {"queries", "store"},
    "exchange": {"exchange"},
    "render": {"render"},
    "schedule": {"schedule"},
    "notify": {"notify"},
    "models": {"models", "store"},
    "store": {"store", "models"},
    "guide": {"guide"},
    "presets": set(),
    "rules": set(),
    "when": set(),
    "config": set(),
    "nouns": set(),
    "errors": set(),
    "i18n": set(),
}
"""What each part of the package may import besides what all may; parts that are not named here hold it all together."""

NEVER = {
    "rules": {"sqlite3", "sqlmodel", "sqlalchemy", "os", "subprocess", "socket"},
    "when": {"sqlite3", "sqlmodel", "sqlalchemy"},
    "queries": {"sqlmodel", "sqlalchemy", "typer", "rich"},
    "screens": {"sqlmodel", "sqlalchemy", "typer", "rich", "sqlite3"},
    "render": {"sqlite3", "sqlmodel", "sqlalchemy", "typer"},
    "services": {"typer", "rich"},
    "exchange": {"sqlite3", "sqlmodel", "sqlalchemy", "typer", "rich"},
    "nouns": {"sqlite3", "sqlmodel", "sqlalchemy", "typer", "rich"},
    "schedule": {"sqlite3", "sqlmodel", "sqlalchemy", "typer", "rich"},
    "notify": {"sqlite3", "sqlmodel", "sqlalchemy", "typer", "rich"},
}
"""Libraries that are none of a part's business."""

LATE_IMPORTS = {"commands", "screens", "context", "app", "__main__", "options", "completion", "config", "unlock"} | {
    "asking"
}
LATE_IMPORTS_OF = {
    "store/connection.py",  # a disk without what the log needs is rare
    "store/database.py",  # the schema is made or migrated once in a file's life
    "store/driver.py",  # SQLCipher is an extra
    "store/schema/__init__.py",
    "store/transaction.py",  # a session is for those who write through models
    "exchange/text.py",  # guessing an encoding is the last resort
    "exchange/sheetworker.py",  # a program of its own; the limits of memory exist on Unix alone
}
CLOCKLESS = {"services", "queries", "rules", "when", "exchange", "models", "nouns", "render", "screens", "guide"} | {
    "schedule",
    "notify",
}
FORBIDDEN_CALLS = {"print", "input", "exit", "quit", "sys.exit", "time.time", "time.localtime", "time.gmtime"} | {
    f"{module}{name}"
    for module in ("", "datetime.")
    for name in ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")
}
THE_MACHINES_ZONE = {("when/zone.py", "time.localtime")}
_BY_NAME = {
    f"crmcli.{module.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}": module for module in MODULES
}
"""The modules by the names under which they are imported."""
MOST_LINES_OF_A_FILE, MOST_LINES_OF_A_FUNCTION = 400, 40

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text("utf-8"))


def _part(module: str) -> str:
    return module.split("/", maxsplit=1)[0].removesuffix(".py")


def _imported(tree: ast.AST) -> Iterator[str]:
    """Yield the full names of the modules that are imported anywhere below."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            name = node.module or ""
            yield from ((f"{name}.{alias.name}" for alias in node.names) if name == "crmcli" else (name,))


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_one_way(module: str) -> None:
    part = _part(module)
    allowed = LAYERS[part] | FOR_ALL | {part} if part in LAYERS else None
    for name in _imported(_tree(module)):
        first, _dot, rest = name.partition(".")
        assert first not in NEVER.get(part, ()), f"{module} imports {name}"
        if first == "crmcli" and allowed is not None:
            assert rest.split(".", maxsplit=1)[0] in allowed, f"{module} imports {name}"


@pytest.mark.parametrize("module", [module for module in MODULES if _part(module) not in LATE_IMPORTS])
def test_imports_stand_at_the_top(module: str) -> None:
    if module in LATE_IMPORTS_OF:
        return
    late = [
        f"{module}:{function.name} imports {name}"
        for function in _functions(_tree(module))
        if not function.name.startswith("_load")
        for name in _imported(function)
    ]
    assert not late


@pytest.mark.parametrize("module", [module for module in MODULES if _part(module) in CLOCKLESS])
def test_what_works_neither_prints_nor_asks_the_time(module: str) -> None:
    called = {ast.unparse(node.func) for node in ast.walk(_tree(module)) if isinstance(node, ast.Call)}
    assert not {name for name in called & FORBIDDEN_CALLS if (module, name) not in THE_MACHINES_ZONE}


@pytest.mark.parametrize("module", MODULES)
def test_everything_is_short_and_says_what_it_is_for(module: str) -> None:
    tree = _tree(module)
    assert ast.get_docstring(tree), f"{module} has no docstring"
    assert len((PACKAGE / module).read_text("utf-8").splitlines()) <= MOST_LINES_OF_A_FILE
    for function in _functions(tree):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        assert lines <= MOST_LINES_OF_A_FUNCTION, f"{module}:{function.name} has {lines} lines"


@pytest.mark.parametrize("module", MODULES)
def test_one_place_opens_database_files(module: str) -> None:
    """Elsewhere `sqlite3` is for types, errors, and databases in memory alone; the quick look is on its own."""
    opened = [
        ast.unparse(node)
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "sqlite3.connect"
    ]
    if module not in {"store/driver.py", "store/quick.py"}:
        assert all("':memory:'" in call for call in opened)


@pytest.mark.parametrize(("package", "parts"), [("when", "*"), ("store", "*"), ("services/importing", "**/*")])
def test_the_map_of_a_package_has_all_that_is_in_it(package: str, parts: str) -> None:
    lines = (ast.get_docstring(_tree(f"{package}/__init__.py")) or "").splitlines()
    mapped = [line.strip().partition("  ")[0] for line in lines if line.startswith("    ")]
    names = {name.strip(" /") for entry in mapped for name in entry.split(",")}
    there = {
        path.stem for path in (PACKAGE / package).glob(parts) if path.name[0] not in "_." and path.suffix != ".pyc"
    }
    assert names == there


def test_no_modules_need_each_other() -> None:
    """Late imports count, and those for types: who reads one of two such modules would have to read the other first."""
    left = {module: _needed(module) for module in MODULES}
    while free := {module for module in left if not left[module] or all(module not in left[other] for other in left)}:
        left = {module: left[module] - free for module in left.keys() - free}
    assert not left, f"these need each other, or lie between others that do: {left}"


def _needed(module: str) -> set[str]:
    """Return the other modules of the package that a module imports from."""
    names = {
        f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in _BY_NAME else node.module
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    } | {alias.name for node in ast.walk(_tree(module)) if isinstance(node, ast.Import) for alias in node.names}
    return {_BY_NAME[name] for name in names if name in _BY_NAME} - {module}
