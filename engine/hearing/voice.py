"""When the user's voice begins and ends: quick both ways, and placed where it really was.

A value and a step, on the conversation's thread. Imports numpy through its neighbours only.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.hearing.levels import Levels


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceConfig:
    """A voice begins when its score, smoothed over a few blocks, passes `begin`, and ends when it fell below `end`, or
    when nothing above the floor was heard for `silent_ms`. Scores are 0 to 1; `above_floor_db` is what counts as sound.
    """

    block_ms: float = 10.0
    begin: float = 0.5
    end: float = 0.25
    rise: float = 0.35
    fall: float = 0.2
    silent_ms: float = 80.0
    above_floor_db: float = 6.0
    below_voice_db: float = 26.0
    gap_ms: float = 60.0
    most_back_ms: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceState:
    """`voice`: the user speaks. `loudness_dbfs`: how loud the voice is, falling slowly."""

    voice: bool = False
    score: float = 0.0
    loudness_dbfs: float = -100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a block tells: how many blocks before its end a voice began or ended, if one did."""

    began_blocks_ago: float | None = None
    ended_blocks_ago: float | None = None


def step(config: VoiceConfig, state: VoiceState, score: float, levels: Levels) -> tuple[VoiceState, Told]:
    """One block's score, whose sound `levels` has just taken."""
    rate = config.rise if score > state.score else config.fall
    smooth = state.score + rate * (score - state.score)
    loudness = state.loudness_dbfs - 0.1
    if state.voice:
        loudness = max(loudness, levels.block_dbfs)
    floor = levels.floor_dbfs + config.above_floor_db
    told = Told()
    voice = state.voice
    if not voice and smooth >= config.begin:
        voice, loudness = True, levels.block_dbfs
        ago = levels.blocks_since_onset(
            floor, config.gap_ms / config.block_ms, config.most_back_ms / config.block_ms
        )
        told = Told(began_blocks_ago=max(1.0, ago))
    elif voice:
        quiet = max(floor, loudness - config.below_voice_db)
        silent = levels.blocks_since_above(quiet)
        if smooth < config.end or silent * config.block_ms >= config.silent_ms:
            voice = False
            told = Told(ended_blocks_ago=min(silent, 2.0 * config.silent_ms / config.block_ms))
            smooth = min(smooth, config.end)
    return VoiceState(voice=voice, score=smooth, loudness_dbfs=loudness), told
