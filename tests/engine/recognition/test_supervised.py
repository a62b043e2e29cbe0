"""A recogniser's process that hangs, crashes, floods, dawdles or is killed: told, started anew, never waited for."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from engine.errors import SottoError
from engine.recognition import Final, Partial, Recognised, RecogniserTrouble
from engine.recognition.listener import Listener
from engine.recognition.supervised import Limits, SupervisedRecogniser
from tests.fakes.listeners import (
    CountingListener,
    CrashingListener,
    DawdlingListener,
    FloodingListener,
    HangingListener,
    make_broken,
    make_unusable,
)

WAIT_S = 30.0
STEP = Limits().step_samples
QUIET = np.full(STEP, 0.1, np.float32)
LOUD = np.full(STEP, 1.0, np.float32)

Make = Callable[..., SupervisedRecogniser]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[SupervisedRecogniser] = []

    def _make(make_listener: Callable[[], Listener], **limits: float) -> SupervisedRecogniser:
        made.append(SupervisedRecogniser(make_listener, Limits(**limits)))  # type: ignore[arg-type]
        return made[-1]

    yield _make
    for recogniser in made:
        recogniser.close()
        recogniser.close()  # harmless twice


def until(recogniser: SupervisedRecogniser, kind: type[Recognised]) -> list[Recognised]:
    """What is said until something of this kind was, itself included."""
    said: list[Recognised] = []
    deadline_s = time.monotonic() + WAIT_S
    while not any(isinstance(each, kind) for each in said):
        assert time.monotonic() < deadline_s, f"only {said}"
        recogniser.wait_idle(0.05)
        said += recogniser.poll()
    return said


def whole_utterance(recogniser: SupervisedRecogniser, number: int) -> list[Recognised]:
    recogniser.begin(number)
    recogniser.feed(number, QUIET)
    recogniser.finish(number)
    return until(recogniser, Final)


def test_an_utterance_gives_partials_and_one_final(make: Make) -> None:
    recogniser = make(CountingListener)
    recogniser.start()
    recogniser.begin(1)
    for _ in range(3):
        recogniser.feed(1, QUIET)
        assert recogniser.wait_idle(WAIT_S)
    assert recogniser.poll()[-1] == Partial(1, "", str(3 * STEP), "", until_sample=3 * STEP)
    recogniser.feed(1, QUIET[:100])
    recogniser.finish(1)
    assert until(recogniser, Final)[-1] == Final(1, f"{3 * STEP + 100} samples", 1.0, from_grammar=True)
    assert recogniser.wait_idle(0.0)
    assert recogniser.poll() == ()


def test_small_blocks_are_gathered(make: Make) -> None:
    recogniser = make(CountingListener)
    recogniser.start()
    recogniser.begin(1)
    for at in range(0, STEP, 160):
        recogniser.feed(1, QUIET[at : at + 160])
        assert recogniser.wait_idle(WAIT_S)
        partials = recogniser.poll()
        assert len(partials) == (at + 160 >= STEP)


def test_a_dropped_utterance_is_silent_and_the_next_one_is_heard(make: Make) -> None:
    recogniser = make(CountingListener)
    recogniser.start()
    recogniser.begin(1)
    recogniser.feed(1, QUIET)
    recogniser.drop(1)
    said = whole_utterance(recogniser, 2)
    assert {each.utterance for each in said if not isinstance(each, RecogniserTrouble)} == {2}
    assert said[-1] == Final(2, f"{STEP} samples", 1.0, from_grammar=True)
    with pytest.raises(ValueError, match="does not come after"):
        recogniser.begin(2)


@pytest.mark.parametrize(
    ("listener", "what"),
    [
        (HangingListener, "did not answer"),
        (CrashingListener, "exit code 11"),
        (FloodingListener, "nobody asked"),
    ],
)
def test_trouble_rejects_the_utterance_and_the_next_is_understood(
    make: Make, listener: type[CountingListener], what: str
) -> None:
    recogniser = make(listener, hang_s=1.0)
    recogniser.start()
    first = recogniser.process_id
    recogniser.begin(1)
    recogniser.feed(1, QUIET)
    recogniser.feed(1, LOUD)
    trouble, final = [each for each in until(recogniser, Final) if not isinstance(each, Partial)]
    assert isinstance(trouble, RecogniserTrouble)
    assert what in trouble.message
    assert trouble.message.endswith("started anew.")
    assert final == Final(1, "", 0.0, from_grammar=False, rejected=True)
    recogniser.feed(1, QUIET)
    recogniser.finish(1)  # it is over already
    assert whole_utterance(recogniser, 2)[-1] == Final(2, f"{STEP} samples", 1.0, from_grammar=True)
    assert recogniser.process_id != first


def test_killed_in_the_middle_of_an_utterance(make: Make) -> None:
    recogniser = make(CountingListener)
    recogniser.start()
    recogniser.begin(1)
    recogniser.feed(1, QUIET)
    until(recogniser, Partial)
    assert recogniser.process_id is not None
    os.kill(recogniser.process_id, signal.SIGKILL)
    said = until(recogniser, Final)
    assert isinstance(said[0], RecogniserTrouble)
    assert whole_utterance(recogniser, 2)[-1] == Final(2, f"{STEP} samples", 1.0, from_grammar=True)


def test_audio_that_finds_no_room_is_counted_and_said(make: Make, tmp_path: Path) -> None:
    gate = tmp_path / "open"
    recogniser = make(partial(DawdlingListener, str(gate)), waiting_s=1.0)
    recogniser.start()
    recogniser.begin(1)
    for _ in range(100):  # 5 s
        recogniser.feed(1, QUIET)
    recogniser.finish(1)
    assert not recogniser.wait_idle(0.0)
    gate.touch()
    trouble, final = [each for each in until(recogniser, Final) if not isinstance(each, Partial)]
    assert isinstance(trouble, RecogniserTrouble)
    assert isinstance(final, Final)
    assert final.rejected
    lost_ms = int(trouble.message.partition(": ")[2].split()[0])
    assert lost_ms + 1000 * int(final.text.split()[0]) // 16_000 == 5000
    assert lost_ms >= 3500


def test_without_its_model_it_says_so_at_the_start(make: Make) -> None:
    with pytest.raises(SottoError, match="model is missing"):
        make(make_unusable).start()


def test_what_always_dies_is_left_until_it_is_wanted_again(make: Make) -> None:
    recogniser = make(make_broken)
    with pytest.raises(SottoError, match="exit code 5"):
        recogniser.start()
    assert recogniser.process_id is None
    recogniser.begin(1)
    recogniser.feed(1, QUIET)
    said = until(recogniser, Final)
    assert [type(each) for each in said] == [RecogniserTrouble, Final]
    assert recogniser.process_id is None


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    """The parent is killed while the recogniser hangs."""
    code = (
        "import numpy as np, os, signal\n"
        "from engine.recognition.supervised import SupervisedRecogniser\n"
        "from tests.fakes.listeners import HangingListener\n"
        "if __name__ == '__main__':\n"
        "    recogniser = SupervisedRecogniser(HangingListener)\n"
        "    recogniser.start()\n"
        "    recogniser.begin(1)\n"
        "    recogniser.feed(1, np.ones(800, np.float32))\n"
        "    print(recogniser.process_id, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code, encoding="utf-8")
    root = Path(__file__).parents[3]
    # What is captured ends when the last process that could write there has ended: the recogniser
    done = subprocess.run(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        timeout=WAIT_S,
    )
    assert done.returncode == -signal.SIGKILL
    assert int(done.stdout) > 0


def test_an_engine_process_may_have_one(tmp_path: Path) -> None:
    """The engine's process is a daemonic child, which multiprocessing forbids children otherwise."""
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_understand_once, args=(str(tmp_path / "heard"),), daemon=True)
    process.start()
    process.join(WAIT_S)
    assert process.exitcode == 0
    assert (tmp_path / "heard").read_text(encoding="utf-8") == f"{STEP} samples"
    process.close()


def _understand_once(file: str) -> None:
    recogniser = SupervisedRecogniser(CountingListener)
    recogniser.start()
    final = whole_utterance(recogniser, 1)[-1]
    assert isinstance(final, Final)
    Path(file).write_text(final.text, encoding="utf-8")
    recogniser.close()
