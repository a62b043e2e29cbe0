"""What the doctor says of the runtime."""

from __future__ import annotations

import sys

import pytest

from engine.events import Finding
from engine.examine import examine
from tests.fakes.tones import ToneShelf


def runtime_finding() -> Finding:
    (found,) = [finding for finding in examine(ToneShelf()) if finding.subject == "runtime"]
    return found


def test_onnxruntime_is_well() -> None:
    assert runtime_finding().state == "good"


@pytest.mark.parametrize("module", ["onnx", "onnxruntime"])
def test_a_missing_library_is_named_with_its_mend(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    found = runtime_finding()
    assert found.state == "warning"
    assert f"{module} cannot be loaded" in found.finding
    assert "make setup" in found.mend
