"""The house has no hidden doors: imports stand at the top of a file, and only one function resolves names."""

import ast
from collections.abc import Iterator

from tests.house.tree import BESIDE, OURS, ROOT, modules

BY_NAME = {"import_module", "import_string", "get_model", "__import__"}
RESOLVER = ("seminars/facts.py", "import_string")  # listeners, named in settings


def imports_inside_functions(tree: ast.AST) -> Iterator[ast.stmt]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from (node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))


def names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return ["" if node.level else node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def resolvers(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield each call that imports by name: `import_string(…)`, `importlib.import_module(…)`, `apps.get_model(…)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if name in BY_NAME:
                yield name, node.lineno


def parsed() -> Iterator[tuple[str, ast.AST]]:
    for path in modules():
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def test_no_function_imports_one_of_our_modules() -> None:
    hidden = [
        f"{name}:{node.lineno}"
        for name, tree in parsed()
        for node in imports_inside_functions(tree)
        if any(module == "" or module.split(".")[0] in OURS for module in names_of(node))
    ]
    assert hidden == []


def test_one_function_alone_resolves_names() -> None:
    found = [(name, call, line) for name, tree in parsed() for call, line in resolvers(tree)]
    assert [f"{name}:{line} {call}" for name, call, line in found if (name, call) != RESOLVER] == []
    assert len([call for name, call, _line in found if (name, call) == RESOLVER]) <= 1


def test_the_search_sees_hidden_imports() -> None:
    hiding = ast.parse(
        "def f():\n    from web import forms\n    import_module('web')\n    apps.get_model('a', 'b')"
    )
    assert [names_of(node) for node in imports_inside_functions(hiding)] == [["web"]]
    assert [call for call, _line in resolvers(hiding)] == ["import_module", "get_model"]


def test_every_package_of_the_house_is_looked_at() -> None:
    packages = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert packages - BESIDE == packages & OURS
