"""The house: which way imports point, what is never loaded, and how large things may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("schemas", "infra", "workers", "streams")
TREES = (*LAYERS, "tests", "benchmarks", "examples")
MODULES = [path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]
FILES = [path for tree in TREES for path in sorted((ROOT / tree).rglob("*.py"))]
HEAVY = (
    "torch", "transformers", "peft", "safetensors", "gguf", "PIL", "onnxruntime", "rapidocr", "open_clip",
    "torchvision", "cv2", "numpy",
)  # fmt: skip
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "shared", "stuff"}
LINES, FUNCTION_LINES, SHORT_LINES, SHORT_SHARE = 300, 40, 20, 0.9


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> set[str]:
    """The packages that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function with its lines, from ``def`` to its end, without its docstring."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            said = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - said


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_one_way(layer: str) -> None:
    above = {*LAYERS[LAYERS.index(layer) + 1 :], "tests", "benchmarks"}
    found = {name_of(path): imported(path) & above for path in (ROOT / layer).rglob("*.py")}
    assert {name: names for name, names in found.items() if names} == {}


def test_schemas_import_pydantic_only() -> None:
    foreign = {name for path in (ROOT / "schemas").rglob("*.py") for name in imported(path)}
    assert foreign - set(sys.stdlib_module_names) == {"pydantic", "schemas"}


def test_streams_load_nothing_heavy() -> None:
    """Every module of ``streams``, in a process of its own."""
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "streams").rglob("*.py")]
    modules = sorted(name.removesuffix(".__init__") for name in names if not name.endswith("__main__"))
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print(*(name for name in {HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_no_module_is_long() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in FILES}
    assert {name: lines for name, lines in lengths.items() if lines > LINES} == {}


def test_no_function_is_long() -> None:
    lengths = {f"{name_of(path)}:{name}": lines for path in FILES for name, lines in functions(path)}
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}


def test_nearly_every_function_is_short() -> None:
    lengths = [lines for path in MODULES for _, lines in functions(path)]
    assert sum(lines <= SHORT_LINES for lines in lengths) / len(lengths) >= SHORT_SHARE


def test_every_file_has_a_noun_for_a_name() -> None:
    assert [name_of(path) for path in FILES if path.stem in FORBIDDEN or path.parent.name in FORBIDDEN] == []


def test_nothing_unpickles_or_trusts_remote_code() -> None:
    for path in MODULES:
        assert not imported(path) & {"pickle", "marshal", "shelve", "dill", "joblib"}, path
        assert "trust_remote_code=True" not in path.read_text(), path
        assert "shell=True" not in path.read_text(), path
