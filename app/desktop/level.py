"""Whether the microphone hears too little, or too much of the room, judged over seconds. Pure; no Qt.

The room's level is a slow minimum: it falls at once and rises slowly, so that speech does not count as noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from app.desktop.phrase import tr_later
from engine.events import ConversationState

Trouble = Literal["", "quiet", "noisy"]

LOWEST_DBFS = -90.0
"""Anything below is silence: a device that gives zeros is no quiet room."""

RISE_DB_PER_S = 3.0
FALL_DB_PER_S = 6.0
"""How fast the room's minimum comes up, and the voice's peak down."""

NOISY_DBFS, CALM_DBFS = -35.0, -40.0
FAINT_DBFS, CLEAR_DBFS = -45.0, -42.0
"""Told above, or below, the first; over at the second."""

HOLD_S = 3.0
"""So long it must be so before anything is told."""

OVER_S = 1.0
FORGET_S = 8.0
"""Without speech for so long, nobody is hard to hear any more."""

LONGEST_STEP_S = 1.0

ADVICE: dict[Trouble, str] = {
    "": "",
    "quiet": tr_later("Too quiet: move closer, or raise the microphone's level in the system's settings."),
    "noisy": tr_later("Too noisy: move the microphone closer, or use a headset."),
}


@dataclass(frozen=True, slots=True)
class LevelWatch:
    """What was heard so far. `room_dbfs`: the slow minimum, `voice_dbfs`: the slow maximum while the user speaks."""

    at_s: float = -1.0
    room_dbfs: float = LOWEST_DBFS
    voice_dbfs: float = LOWEST_DBFS
    noisy_s: float = 0.0
    calm_s: float = 0.0
    faint_s: float = 0.0
    unspoken_s: float = 0.0
    trouble: Trouble = ""

    @property
    def advice(self) -> str:
        """What is wrong and what to do, in English; empty where all is well."""
        return ADVICE[self.trouble]


def watched(
    watch: LevelWatch, at_s: float, lowest_dbfs: float, loudest_dbfs: float, state: ConversationState
) -> LevelWatch:
    """One more look: the quietest and the loudest of the last moment, and what the conversation was doing.

    What the assistant says is in the room too, so nothing is judged meanwhile, nor while nobody listens.
    """
    if state in ("asleep", "muted", "failed"):
        return LevelWatch(at_s=at_s)
    lowest = max(LOWEST_DBFS, lowest_dbfs)
    if watch.at_s < 0.0 or watch.room_dbfs <= LOWEST_DBFS < lowest:
        watch = replace(watch, at_s=at_s, room_dbfs=lowest)
    passed = min(LONGEST_STEP_S, max(0.0, at_s - watch.at_s))
    watch = replace(watch, at_s=at_s)
    if state not in ("listening", "user_speaking"):
        return watch
    room = min(lowest, watch.room_dbfs + RISE_DB_PER_S * passed)
    watch = replace(
        watch,
        room_dbfs=room,
        noisy_s=watch.noisy_s + passed if room > NOISY_DBFS else 0.0,
        calm_s=watch.calm_s + passed if room < CALM_DBFS else 0.0,
    )
    if state == "user_speaking":
        voice = max(loudest_dbfs, watch.voice_dbfs - FALL_DB_PER_S * passed)
        faint = watch.faint_s + passed if voice < FAINT_DBFS else 0.0
        watch = replace(watch, voice_dbfs=voice, faint_s=faint, unspoken_s=0.0)
    else:
        watch = replace(watch, unspoken_s=watch.unspoken_s + passed)
        if watch.unspoken_s >= FORGET_S:
            watch = replace(watch, faint_s=0.0, voice_dbfs=LOWEST_DBFS)
    return replace(watch, trouble=_trouble(watch))


def _trouble(watch: LevelWatch) -> Trouble:
    """What is to be told now, given what was."""
    stays_noisy = watch.trouble == "noisy" and watch.calm_s < OVER_S
    if stays_noisy or watch.noisy_s >= HOLD_S:
        return "noisy"
    stays_quiet = watch.trouble == "quiet" and watch.unspoken_s < FORGET_S and watch.voice_dbfs < CLEAR_DBFS
    return "quiet" if stays_quiet or watch.faint_s >= HOLD_S else ""
