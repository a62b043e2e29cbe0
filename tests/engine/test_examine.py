"""What the doctor says of the parts, and that one that fails does not hide the others."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import torch

from engine.dialogue.model_config import DialogueConfig, ModelConfig, save_dialogue_config
from engine.event_values import Finding, VoiceSummary
from engine.events import Examined
from engine.examine import examine
from engine.handle import EngineHandle
from engine.recognition.installed import KeptFile, KeptModel, keep
from tests.fakes.tones import ToneShelf
from tests.fixtures.sound_card import PATIENCE_S

SUBJECTS = [
    "system", "accelerator", "runtime", "loudspeaker", "microphone", "voice", "recogniser", "disk", "network",
]  # fmt: skip


class BrokenShelf(ToneShelf):
    """Has a bug."""

    def list_voices(self) -> tuple[VoiceSummary, ...]:
        """Fails as no shelf should."""
        raise ZeroDivisionError("a bug in this shelf")


def runtime_finding() -> Finding:
    (found,) = [finding for finding in examine(ToneShelf()) if finding.subject == "runtime"]
    return found


def test_the_runtime_that_computes_is_named_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    found = runtime_finding()
    assert found.state == "good"
    if not torch.cuda.is_available():
        assert found.finding.startswith("onnx")
        assert "no GPU" in found.finding
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("engine.examine._accelerator", lambda: iter(()))
    found = runtime_finding()
    assert found.state == "good"
    assert found.finding.startswith("cuda")
    assert "takes over" in found.finding


@pytest.mark.parametrize("module", ["onnx", "onnxruntime"])
def test_a_missing_library_is_named_with_its_mend(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    found = runtime_finding()
    assert found.state == "warning"
    assert f"{module} cannot be loaded" in found.finding
    assert "make setup" in found.mend


def test_a_probe_that_fails_is_a_finding_and_the_others_report(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOTTO_DATA_DIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "torch", None)
    found = {finding.subject: finding for finding in examine(BrokenShelf())}
    assert list(found) == [subject.replace("voice", "voices") for subject in SUBJECTS]
    assert found["voices"].state == found["accelerator"].state == "problem"
    assert "a bug in this shelf" in found["voices"].finding
    assert found["voices"].mend
    assert found["accelerator"].mend
    assert found["disk"].state == "good" or found["disk"].mend


def findings_of(subject: str) -> list[Finding]:
    return [finding for finding in examine(ToneShelf()) if finding.subject == subject]


def test_recognisers_are_listed_with_what_is_wrong_with_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOTTO_DATA_DIR", str(tmp_path))
    (bundled,) = findings_of("recogniser")
    assert (bundled.state, bundled.finding) == ("good", "pocketsphinx, part of Sotto")
    (tmp_path / "weights.onnx").write_bytes(b"weights")
    files = (KeptFile("weights.onnx", 7, "0" * 64),)
    for name, folder, complete in (
        ("here", tmp_path, True),
        ("gone", tmp_path / "away", True),
        ("part", tmp_path, False),
    ):
        model = KeptModel(
            name=name, repo="a/b", commit="c", folder=str(folder), kind="k", precision="", licence="MIT",
            files=files, complete=complete,
        )  # fmt: skip
        keep(model)
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    found = findings_of("recogniser")
    assert [finding.state for finding in found] == ["problem", "problem", "good", "warning"]
    assert [re.split("[ ,:]", finding.finding)[0] for finding in found] == [
        "pocketsphinx",
        "gone",
        "here",
        "part",
    ]
    assert all(finding.mend for finding in found if finding.state != "good")


def test_the_network_that_is_used_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOTTO_DATA_DIR", str(tmp_path))
    assert findings_of("network")[0].finding == "none: Sotto opens no connection"
    path = tmp_path / "dialogue.toml"
    save_dialogue_config(path, DialogueConfig(ModelConfig("http://127.0.0.1:11434/v1", "small")))
    assert findings_of("network")[0].finding == (
        "small at http://127.0.0.1:11434/v1 answers questions (on this machine)"
    )
    save_dialogue_config(path, DialogueConfig(ModelConfig("https://models.example/v1", "large")))
    assert findings_of("network")[0].finding == "large at https://models.example/v1 answers questions"
    path.write_text("[model", encoding="utf-8")
    (found,) = findings_of("network")
    assert (found.state, bool(found.mend)) == ("problem", True)


def test_a_sound_system_that_does_not_start_is_a_finding(broken_sound_system: None) -> None:
    with EngineHandle(ToneShelf) as engine:
        engine.examine()
        examined = engine.next_event(PATIENCE_S)
    assert isinstance(examined, Examined)
    assert [finding.subject for finding in examined.findings] == SUBJECTS
    loudspeaker = examined.findings[SUBJECTS.index("loudspeaker")]
    assert loudspeaker.state == "warning"
    assert "does not answer" in loudspeaker.mend
