"""Rules of the house that an import linter does not see, each a function from a source tree to complaints."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_MODULE = 400
CORE = ("errors", "kernel", "face", "people", "verify", "identify", "passages", "documents", "crowd", "evaluation")
CORE_LIBRARIES = {"doorward", "numpy", "scipy", "shapely"}
INIT_WITH_IMPORTS = {"__init__.py", "cli/__init__.py"}

EXCLUSION = re.compile(r"#\s*(noqa|type:\s*ignore)")
EXCLUSION_WITH_REASON = re.compile(
    r"#\s*(noqa: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)*|type: ignore\[[a-z, -]+\])\s+(- |# ?)\w+ \w+"
)


def modules(package: Path) -> Iterator[Path]:
    yield from sorted(package.rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    """Top-level names of everything imported, wherever in the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def long_modules(package: Path) -> list[str]:
    lengths = {path: len(path.read_text().splitlines()) for path in modules(package)}
    return [f"{path}: {length} lines" for path, length in lengths.items() if length > LONGEST_MODULE]


def core_libraries(package: Path) -> list[str]:
    """Third parties in the core, other than those that only compute."""
    allowed = CORE_LIBRARIES | sys.stdlib_module_names
    return [
        f"{path}: imports {name}"
        for path in modules(package)
        if path.relative_to(package).with_suffix("").parts[0] in CORE
        for name in imported(ast.parse(path.read_text()))
        if name not in allowed
    ]


def packages_that_import(package: Path) -> list[str]:
    """Package files run on every import below them, so they load nothing."""
    return [
        f"{path}: imports {name}"
        for path in package.rglob("__init__.py")
        if path.relative_to(package).as_posix() not in INIT_WITH_IMPORTS
        for name in imported(ast.parse(path.read_text()))
    ]


def outside_readers(package: Path) -> list[str]:
    """Readers of the environment or of TOML outside settings."""
    return [
        f"{path}:{node.lineno}: {ast.unparse(node)}"
        for path in modules(package)
        if path.relative_to(package).parts[0] != "settings"
        for node in ast.walk(ast.parse(path.read_text()))
        if reads_environment_or_toml(node)
    ]


def reads_environment_or_toml(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv" | "getenvb"):
            return True
        case ast.ImportFrom(module="os", names=names):
            return any("env" in alias.name for alias in names)
        case ast.Import(names=names):
            return any(alias.name in {"tomllib", "tomlkit"} for alias in names)
        case ast.ImportFrom(module="tomllib" | "tomlkit"):
            return True
    return False


def exclusions_without_reason(folder: Path) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()}"
        for path in modules(folder)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if EXCLUSION.search(line) and not EXCLUSION_WITH_REASON.search(line)
    ]


def foreign_addresses(files: list[Path], patterns: tuple[str, ...]) -> list[str]:
    """Places where a file names a package index or a path of somebody's machine."""
    wanted = re.compile("|".join(patterns))
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in files
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if wanted.search(line)
    ]
