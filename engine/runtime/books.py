"""How many books the next frame gets: fewer while frames come late, all again when there is room.

A pure value, fed after each frame with what the frame took and how much audio waits to be played. Knows no clock,
no device and no model; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

LOW_RESERVE_MS = 240.0
"""Less audio than this ahead of the loudspeaker, and a late frame counts: about half of what its queue holds."""

FRAMES_AHEAD = 2.0
"""A late frame counts too where the reserve would not last for so many more of its kind."""

HIGH_RESERVE_MS = 360.0
"""So much audio ahead is room for a finer frame."""

CALM_FRAMES = 8
"""So many frames in a row must leave room before there are more books: half a second of speech."""

MOST_OF_A_FRAME = 0.9
"""A frame of more books is tried only where it should take less than this part of its own length."""


def book_steps(codebooks: int, semantic: int) -> tuple[int, ...]:
    """The numbers of books a frame may have, most first: all, half of them, the semantic ones.

    The model was trained with its history cut to these very numbers.
    """
    return tuple(sorted({codebooks, codebooks // 2, semantic}, reverse=True))


@dataclass(frozen=True, slots=True)
class Pace:
    """The step that the next frame is made with, and for how many frames there has been room for a finer one.

    A frame is late when it took longer than it lasts. Going up is judged by the dearest case, a frame whose cost is
    all in its books: what a finer frame would take is overestimated, so that under an even load the number of books
    falls to where it can stay and never swings.
    """

    steps: tuple[int, ...]
    frame_ms: float
    step: int = 0
    calm_frames: int = 0

    @property
    def books(self) -> int:
        """Of the next frame."""
        return self.steps[self.step]

    def after(self, compute_ms: float, reserve_ms: float | None) -> Pace:
        """The pace after a frame that took `compute_ms` and left `reserve_ms` of audio made and not yet played.

        None stands for a way out that nothing plays from, such as a file: nothing there can be late.
        """
        if reserve_ms is None:
            return replace(self, step=0, calm_frames=0)
        enough_ms = max(LOW_RESERVE_MS, FRAMES_AHEAD * compute_ms)
        if compute_ms > self.frame_ms and reserve_ms < enough_ms:
            return replace(self, step=min(self.step + 1, len(self.steps) - 1), calm_frames=0)
        if self.step == 0:
            return self
        finer_ms = compute_ms * self.steps[self.step - 1] / self.books
        if reserve_ms < HIGH_RESERVE_MS or finer_ms > MOST_OF_A_FRAME * self.frame_ms:
            return replace(self, calm_frames=0)
        if self.calm_frames + 1 < CALM_FRAMES:
            return replace(self, calm_frames=self.calm_frames + 1)
        return replace(self, step=self.step - 1, calm_frames=0)
