"""The ring loses, repeats and reorders nothing, whatever the sizes and from two threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.audio.ring import SampleRing


@given(capacity=st.integers(1, 50), sizes=st.lists(st.tuples(st.booleans(), st.integers(0, 70)), max_size=60))
def test_what_is_read_is_what_was_written(capacity: int, sizes: list[tuple[bool, int]]) -> None:
    ring = SampleRing(capacity)
    written, read = 0, 0
    for is_write, size in sizes:
        if is_write:
            block = np.arange(written, written + size, dtype=np.float32)
            taken = ring.write(block)
            assert taken == min(size, capacity - (written - read))
            written += taken
        else:
            target = np.full(size, -1.0, np.float32)
            got = ring.read_into(target)
            assert got == min(size, written - read)
            np.testing.assert_array_equal(target[:got], np.arange(read, read + got, dtype=np.float32))
            assert not target[got:].any(), "what was not there is silence"
            read += got
        assert (ring.written_samples, ring.read_samples) == (written, read)
        assert ring.queued_samples + ring.free_samples == capacity


def test_two_threads_pass_every_sample_once() -> None:
    ring, total = SampleRing(997), 20_000
    source = np.arange(total, dtype=np.float32)
    received: list[np.ndarray] = []

    def read() -> None:
        block = np.empty(640, np.float32)
        while ring.read_samples < total:
            received.append(block[: ring.read_into(block)].copy())

    reader = threading.Thread(target=read)
    reader.start()
    sent = 0
    while sent < total:
        sent += ring.write(source[sent : sent + 1440])
    reader.join()
    np.testing.assert_array_equal(np.concatenate(received), source)


def test_a_ring_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one sample"):
        SampleRing(0)
