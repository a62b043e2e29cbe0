"""What of an answer reached the user, and how: words that were heard, and without a loudspeaker words to be read.

Runs on the conversation's thread. Must not import devices.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

from engine.audio.playback import PlaybackPosition
from engine.session.heard import text_of, words_heard
from engine.session.making import Making, TimedWord

NOWHERE = PlaybackPosition(0, 0, 0, 0, ended=False, sounding=False, starved=0)
"""Of an answer that is not on the tape."""


@dataclass(slots=True)
class Reached:
    """The words of one answer that have passed, in order, each as it passed."""

    words: list[TimedWord] = field(default_factory=list)
    heard: list[bool] = field(default_factory=list)

    def take(self, making: Making, position: PlaybackPosition) -> list[tuple[list[TimedWord], bool]]:
        """What passed since it was last asked, in stretches that were heard or were not."""
        rest = making.words[len(self.words) :]
        news = rest[: words_heard(rest, position.passed_samples)]
        heard = [position.was_heard((word.start_sample + word.end_sample) / 2) for word in news]
        self.words += news
        self.heard += heard
        pairs = groupby(zip(news, heard, strict=True), key=lambda pair: pair[1])
        return [([word for word, _ in stretch], was_heard) for was_heard, stretch in pairs]

    @property
    def heard_text(self) -> str:
        """The words that came from the loudspeaker."""
        pairs = zip(self.words, self.heard, strict=True)
        return text_of([word for word, was_heard in pairs if was_heard]).strip()

    @property
    def written_text(self) -> str:
        """All that could be read, where not all of it was heard; empty where it was."""
        return "" if all(self.heard) else text_of(self.words).strip()

    @property
    def text(self) -> str:
        """All that reached the user, one way or the other."""
        return text_of(self.words).strip()
