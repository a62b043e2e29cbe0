"""What a skill makes of an utterance: a plan, which is a value. Its deeds are carried out only when it is committed.

Pure, any thread. Imports the contract alone.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from engine.dialogue import Effect, Exchange
from engine.dialogue.utterance import Utterance


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is due. A timer goes by elapsed time: `due_epoch_s` is where the wall clock should then stand.
    Alarms and reminders go by the wall clock of wherever the user is: `wall` is naive local time. `repeats` names the
    weekdays (0 Monday … 6) on which it comes again."""

    number: int
    kind: str
    label: str
    duration_s: float
    due_epoch_s: float
    wall: datetime | None
    repeats: tuple[int, ...]
    set_epoch_s: float


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the user wants remembered: "my sister's name" is "Anna"; without a subject, a whole sentence."""

    number: int
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was dictated, and when (ISO, with zone)."""

    number: int
    text: str
    at: str


class Memory(Protocol):
    """What skills read while planning. Every call may raise SottoError with one sentence."""

    def alarms(self) -> tuple[Alarm, ...]:
        """What is set and has not rung, soonest first."""

    def notes(self) -> tuple[Note, ...]:
        """All notes, oldest first."""

    def list_names(self) -> tuple[str, ...]:
        """The lists that hold something."""

    def list_items(self, name: str) -> tuple[str, ...]:
        """What is on a list, oldest first."""

    def facts(self) -> tuple[Fact, ...]:
        """What is remembered, oldest first."""

    def said_about(self, words: str, limit: int) -> tuple[tuple[str, datetime], ...]:
        """What the user said with these words in it, and when; newest first."""


# Deeds: what a plan does when it is committed


@dataclass(frozen=True, slots=True)
class SetAlarm:
    """Store an alarm; its number is given then."""

    alarm: Alarm


@dataclass(frozen=True, slots=True)
class DropAlarms:
    """These will not ring."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AlarmRang:
    """It was heard; `again` is when it comes next, where it repeats."""

    number: int
    again: datetime | None


@dataclass(frozen=True, slots=True)
class AddNote:
    """Keep a note."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DropNotes:
    """Delete notes, so that they are gone from the file."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AddToList:
    """Put things on a list, which is made where there is none."""

    name: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DropFromList:
    """Take things off a list; None: everything."""

    name: str
    items: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep a fact; one of the same subject is replaced."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Delete facts, so that they are gone from the file."""

    numbers: tuple[int, ...]


Deed = SetAlarm | DropAlarms | AlarmRang | AddNote | DropNotes | AddToList | DropFromList | Remember | Forget


@dataclass(frozen=True, slots=True)
class Plan:
    """An answer that was not given yet. `certain` False: another dialogue, such as a language model, may know better.
    `source` is filled in by the registry where it is empty."""

    text: str
    deeds: tuple[Deed, ...] = ()
    effects: tuple[Effect, ...] = ()
    certain: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a skill may look at. `now` is aware; `zone` is the user's, None where it is the system's own."""

    now: datetime
    zone: tzinfo | None
    history: tuple[Exchange, ...]
    memory: Memory | None
    why_no_memory: str
    chance: random.Random
    remaining_s: dict[int, float]

    def instant(self, wall: datetime) -> datetime:
        """Naive local time as a moment; one that daylight saving leaves out comes as late as it would without."""
        return wall.replace(tzinfo=self.zone) if self.zone is not None else wall.astimezone()

    @property
    def wall(self) -> datetime:
        """Now, as the clock on the wall shows it (naive)."""
        return self.now.replace(tzinfo=None)


class Skill(Protocol):
    """One thing Sotto can do."""

    @property
    def name(self) -> str:
        """As it stands in records."""

    @property
    def examples(self) -> tuple[str, ...]:
        """What a user may say, for help; the first one is told."""

    @property
    def spoken(self) -> tuple[str, ...]:
        """JSGF alternatives for the closed grammar."""

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Phrases behind which the recogniser takes open text."""

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """A plan, or None for what this skill does not understand. Changes nothing."""
