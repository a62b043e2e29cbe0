"""Shared memory between the engine and a window: what is written is read, whoever dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import AudioConfig
from engine.errors import SottoError
from engine.meters import (
    MAX_LABEL_BYTES,
    MAX_MARKS,
    MAX_SLOTS,
    RING_BLOCKS,
    Mark,
    MemoryShown,
    MeterReader,
    MeterWriter,
    SlotShown,
)

SAMPLES = AudioConfig().block_samples


@pytest.fixture
def reader() -> Iterator[MeterReader]:
    with MeterReader() as reader:
        yield reader


@pytest.fixture
def writer(reader: MeterReader) -> Iterator[MeterWriter]:
    writer = MeterWriter(reader.name)
    yield writer
    writer.close()


def constant(value: float) -> np.ndarray:
    return np.full(SAMPLES, value, np.float32)


def test_an_empty_memory_shows_nothing(reader: MeterReader) -> None:
    assert len(reader.waveform().user) == 0
    assert reader.memory().slots == ()
    assert reader.counters().underruns == 0
    assert reader.counters().user_dbfs < -100


def test_a_block_is_its_lowest_and_highest_sample_and_its_rms(
    reader: MeterReader, writer: MeterWriter
) -> None:
    square = np.tile(np.array([-0.25, 0.75], np.float32), SAMPLES // 2)
    writer.block(square, np.zeros(0, np.float32))
    waveform = reader.waveform()
    assert waveform.user[0].tolist() == pytest.approx([-0.25, 0.75, np.sqrt(np.mean(square**2))], rel=1e-5)
    assert waveform.assistant[0].tolist() == [0.0, 0.0, 0.0]


def test_the_ring_keeps_the_last_minute(reader: MeterReader, writer: MeterWriter) -> None:
    for number in range(RING_BLOCKS + 250):
        writer.block(constant(number / 10_000), constant(0.0))
    whole = reader.waveform()
    assert whole.end_block == RING_BLOCKS + 250
    assert len(whole.user) == RING_BLOCKS - 1  # the oldest is where the writer writes next
    expected = np.arange(whole.first_block, whole.end_block) / 10_000
    assert np.allclose(whole.user[:, 1], expected, atol=1e-6)
    assert len(reader.waveform(seconds=1.0).user) == round(1000.0 / AudioConfig().block_ms)


def test_marks_stand_where_they_were_made(reader: MeterReader, writer: MeterWriter) -> None:
    writer.block(constant(0.0), constant(0.0))
    writer.mark("user_started")
    writer.block(constant(0.1), constant(0.0))
    writer.mark("interrupted")
    assert reader.waveform().marks == (Mark(1, "user_started"), Mark(2, "interrupted"))
    for _ in range(2 * MAX_MARKS):
        writer.mark("turn")
    assert len(reader.waveform().marks) == MAX_MARKS - 1


LABELS = st.text(max_size=60).filter(lambda label: "\0" not in label)
SLOTS = st.builds(
    SlotShown,
    bank=st.sampled_from(["semantic", "prosodic"]),
    age_s=st.floats(0, 300, width=32),
    weight=st.floats(0, 1, width=32),
    of_user=st.booleans(),
    attention=st.floats(0, 1, width=32),
    pitch=st.floats(-4, 4, width=32),
    energy=st.floats(-4, 4, width=32),
    label=LABELS,
)


@given(st.lists(SLOTS, max_size=MAX_SLOTS + 3))
@settings(max_examples=20)
def test_the_memory_comes_back_as_it_was(slots: list[SlotShown]) -> None:
    with MeterReader() as reader:
        writer = MeterWriter(reader.name)
        writer.memory(MemoryShown(tuple(slots), 20.0, 4.0, fading=True))
        shown = reader.memory()
        writer.close()
    assert (shown.semantic_tau_s, shown.prosodic_tau_s, shown.fading) == (20.0, 4.0, True)
    assert len(shown.slots) == min(len(slots), MAX_SLOTS)
    for before, after in zip(slots, shown.slots, strict=False):
        assert before.label.startswith(after.label)
        assert len(after.label.encode()) > MAX_LABEL_BYTES - 4 or after.label == before.label
        assert (before.bank, before.age_s, before.of_user) == (after.bank, after.age_s, after.of_user)


def test_counters_add_up_and_gauges_are_replaced(reader: MeterReader, writer: MeterWriter) -> None:
    writer.count("underruns")
    writer.count("underruns", 2)
    writer.gauge("real_time_factor", 0.4)
    writer.gauge("real_time_factor", 0.3)
    assert reader.counters().underruns == 3
    assert reader.counters().real_time_factor == pytest.approx(0.3)
    with pytest.raises(KeyError):
        writer.count("nonsense")


def test_a_second_writer_goes_on_where_the_first_one_died(reader: MeterReader) -> None:
    first = MeterWriter(reader.name)
    first.block(constant(0.1), constant(0.0))
    first.memory(MemoryShown((SlotShown("semantic", 1.0, 0.9, label="kept"),)))
    first._place["sequence"] += 1  # it dies while it writes a snapshot
    first.close()
    assert reader.memory() == MemoryShown()  # nothing whole was ever seen
    second = MeterWriter(reader.name)
    second.block(constant(0.2), constant(0.0))
    second.memory(MemoryShown((SlotShown("prosodic", 2.0, 0.5, label="new"),)))
    second.close()
    assert reader.waveform().user[:, 1].tolist() == pytest.approx([0.1, 0.2])
    assert [slot.label for slot in reader.memory().slots] == ["new"]


def write_until_killed(name: str, ready: Connection) -> None:
    """A process that writes blocks and snapshots as fast as it can."""
    writer = MeterWriter(name)
    number = 0
    while True:
        number += 1
        value = np.full(SAMPLES, number % 1000 / 1000.0, np.float32)
        writer.block(value, value)
        writer.memory(MemoryShown((SlotShown("semantic", number, 0.5, label=str(number)),) * 5))
        if number == 100:
            ready.send(True)


def test_readers_see_whole_values_while_another_process_writes_and_is_killed(reader: MeterReader) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=write_until_killed, args=(reader.name, theirs), daemon=True)
    process.start()
    theirs.close()
    assert ours.poll(30)
    torn = reads = 0
    while reads < 300 or (reader.waveform().end_block <= 100 and process.is_alive()):
        reads += 1
        shown = reader.memory()
        labels = {slot.label for slot in shown.slots}
        ages = {str(int(slot.age_s)) for slot in shown.slots}
        torn += len(labels) > 1 or labels != ages
        waveform = reader.waveform()
        assert len(waveform.user) <= RING_BLOCKS
    assert torn == 0
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    process.close()
    ours.close()
    assert reader.waveform().end_block > 100
    assert reader.memory().slots


def test_a_reader_that_is_gone_is_one_sentence() -> None:
    with MeterReader() as reader:
        name = reader.name
    with pytest.raises(SottoError, match="cannot be opened"):
        MeterWriter(name)


OWNER = """
import multiprocessing, sys
from engine.meters import MeterReader
from tests.engine.test_meters import write_a_block
if __name__ == "__main__":
    with MeterReader() as reader:
        process = multiprocessing.get_context("spawn").Process(target=write_a_block, args=(reader.name,))
        process.start(); process.join()
        print(reader.written_blocks)
"""


def write_a_block(name: str) -> None:
    """What an engine process does, without closing."""
    MeterWriter(name).block(constant(0.5), constant(0.0))


def test_nothing_is_left_behind_and_nothing_is_complained_about() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OWNER], capture_output=True, text=True, cwd=os.getcwd(), check=False
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "1", "")
