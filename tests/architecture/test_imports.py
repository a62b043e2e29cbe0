"""The import contracts hold, and a front end starts without the heavy libraries."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = (
    "torch",
    "onnxruntime",
    "sounddevice",
    "scipy",
    "pyqtgraph",
    "huggingface_hub",
    "onnx_asr",
    "engine.process",
    "engine.dialogue.built_in",
)
ENTRANCES = (
    "engine.handle",
    "engine.events",
    "engine.config",
    "app.cli.main",
    "app.desktop.main",
    "training",
    "training.__main__",
)


def test_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


def test_entrances_load_nothing_heavy() -> None:
    """Everything a front end imports before it asks the engine process for anything."""
    code = (
        "import importlib, sys\n"
        f"for name in {ENTRANCES!r}: importlib.import_module(name)\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def long_functions(file: Path) -> list[str]:
    """Functions of more than 60 lines, signature and docstring counted, decorators not."""
    return [
        f"{file}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > 60
    ]


@pytest.mark.parametrize("name", ["engine", "app", "training", "benchmarks", "tests"])
def test_files_stay_readable(name: str) -> None:
    """At most 400 lines a file and 60 a function, and no file named after nothing."""
    files = list((ROOT / name).rglob("*.py"))
    assert files
    assert [long for file in files for long in long_functions(file)] == []
    assert [str(f) for f in files if f.read_text(encoding="utf-8").count("\n") > 400] == []
    assert [str(f) for f in files if f.stem in {"utils", "util", "helpers", "helper", "misc", "common"}] == []
