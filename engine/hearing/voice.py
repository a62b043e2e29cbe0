"""When the user's voice begins and ends: quick both ways, and placed where it really was.

A value and a step, on the conversation's thread. Imports numpy through its neighbours only.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.hearing.levels import Levels


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceConfig:
    """A voice begins when its score, smoothed over a few blocks, passes `begin`, and ends when it fell below `end`, or
    when nothing was heard for `silent_ms` that is louder than the room and than `below_voice_db` under the voice.
    Scores are 0 to 1; `above_floor_db` is what counts as sound, and there must have been some within `fresh_ms` for a
    voice to begin; within `stir_ms` it may be one. Nothing less than `below_least_db` under the voice is the room's.
    Beside echo a block is part of the voice from a score of `likely`, which a voice reaches `late_ms`
    behind its onset (the median over simulated rooms).
    """

    block_ms: float = 10.0
    begin: float = 0.5
    end: float = 0.25
    rise: float = 0.35
    fall: float = 0.2
    silent_ms: float = 80.0
    fresh_ms: float = 40.0
    stir_ms: float = 20.0
    above_floor_db: float = 6.0
    below_voice_db: float = 26.0
    below_least_db: float = 10.0
    gap_ms: float = 60.0
    most_back_ms: float = 300.0
    likely: float = 0.3
    late_ms: float = 40.0

    def blocks(self, duration_ms: float) -> int:
        """Whole blocks in so many milliseconds."""
        return round(duration_ms / self.block_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceState:
    """`voice`: the user speaks. `score` is smoothed, `scores` are the last ones as they came, newest last.
    `loudness_dbfs`: how loud the voice is, falling slowly. `stirred`: blocks since something sounded."""

    voice: bool = False
    score: float = 0.0
    scores: tuple[float, ...] = ()
    loudness_dbfs: float = -100.0
    stirred: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a block tells: how many blocks before its end a voice began or ended, if one did. `stirs`: something sounds
    that is no voice yet; a voice is told about 80 ms behind its onset."""

    began_blocks_ago: float | None = None
    ended_blocks_ago: float | None = None
    stirs: bool = False


def step(
    config: VoiceConfig, state: VoiceState, score: float, levels: Levels, beside: bool
) -> tuple[VoiceState, Told]:
    """One block's score, whose sound `levels` has just taken. `beside`: the assistant sounds too, so that levels say
    nothing, and scores alone tell where a voice began and ended."""
    rate = config.rise if score > state.score else config.fall
    smooth = state.score + rate * (score - state.score)
    scores = (*state.scores[-config.blocks(config.most_back_ms) + 1 :], score)
    loudness = max(state.loudness_dbfs - 0.1, levels.block_dbfs if state.voice else -100.0)
    room = min(levels.room_dbfs, loudness - config.below_least_db) if state.voice else levels.room_dbfs
    quiet = max(levels.floor_dbfs + config.above_floor_db, room, loudness - config.below_voice_db)
    silent = _blocks_since(scores, config.likely) if beside else levels.blocks_since_above(quiet)
    voice = state.voice
    loud = score > config.likely if beside else levels.block_dbfs > quiet
    stirred = 0 if loud else state.stirred + 1
    told = Told(stirs=not voice and stirred <= config.blocks(config.stir_ms))
    sounds = beside or silent <= config.blocks(config.fresh_ms)
    if not voice and smooth >= config.begin and sounds:
        voice, loudness = True, levels.block_dbfs
        told = Told(
            began_blocks_ago=max(1.0, _since_onset(config, scores, levels, None if beside else quiet))
        )
    elif voice and (smooth < config.end or (not beside and silent >= config.blocks(config.silent_ms))):
        voice, smooth = False, min(smooth, config.end)
        told = Told(ended_blocks_ago=min(silent, config.blocks(config.most_back_ms)))
    return (
        VoiceState(voice=voice, score=smooth, scores=scores, loudness_dbfs=loudness, stirred=stirred),
        told,
    )


def _since_onset(
    config: VoiceConfig, scores: tuple[float, ...], levels: Levels, quiet: float | None
) -> float:
    """How many blocks ago the voice began that is found now: by levels above `quiet`, or by scores."""
    gap = config.blocks(config.gap_ms)
    if quiet is not None:
        return levels.blocks_since_onset(quiet, gap, config.blocks(config.most_back_ms))
    first, missing = len(scores), 0
    for place in range(len(scores) - 1, -1, -1):
        missing = 0 if scores[place] > config.likely else missing + 1
        if missing > gap:
            break
        first = place if missing == 0 else first
    return float(len(scores) - first + config.blocks(config.late_ms))


def _blocks_since(scores: tuple[float, ...], likely: float) -> float:
    """How many blocks ago the last likely one was."""
    places = [place for place, score in enumerate(scores) if score > likely]
    return float(len(scores) - 1 - places[-1]) if places else float(len(scores))
