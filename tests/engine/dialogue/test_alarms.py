"""Timers, alarms and reminders through restarts, daylight saving, sleep, and clocks that are set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.dialogue import Asked, Reply
from engine.dialogue.built_in import HEARD_WITHIN_S, BuiltInDialogue
from engine.store import Store, open_store, store_in_memory

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 29, 15, 42, tzinfo=BERLIN)


@dataclass
class Clocks:
    """A wall clock that can be set, and elapsed time that cannot."""

    wall: datetime = START
    elapsed_s: float = 1000.0

    def go_on(self, seconds: float) -> None:
        self.wall = (self.wall.astimezone(ZoneInfo("UTC")) + timedelta(seconds=seconds)).astimezone(
            self.wall.tzinfo
        )
        self.elapsed_s += seconds


class Person:
    """Someone before one running Sotto, who can end it and start it again."""

    def __init__(self, folder: Path | None = None, clocks: Clocks | None = None) -> None:
        self.clocks = clocks or Clocks()
        self.folder = folder
        self.start()

    def start(self) -> None:
        self.store: Store = open_store(self.folder) if self.folder else store_in_memory()
        self.dialogue = BuiltInDialogue(
            self.store.keepsakes, zone=BERLIN, seed=1, clock=lambda: self.clocks.elapsed_s
        )

    def restart(self, away_s: float) -> None:
        self.end()
        self.clocks.go_on(away_s)
        self.clocks.elapsed_s = 5.0  # after a reboot it begins anew
        self.start()

    def end(self) -> None:
        self.dialogue.close()
        self.store.close()

    def say(self, text: str) -> str:
        reply = self.dialogue.reply(Asked(text, False, self.clocks.wall), ())
        answer = "".join(reply.pieces())
        reply.commit()
        return answer

    def rings(self) -> tuple[Reply, ...]:
        return self.dialogue.announcements(self.clocks.wall)

    def hear(self) -> list[str]:
        """What is said unasked now, heard."""
        heard = []
        for reply in self.rings():
            heard.append("".join(reply.pieces()))
            reply.commit()
        return heard


def test_a_timer_speaks_up_once() -> None:
    person = Person()
    assert person.say("set a timer for five minutes") == "Timer set for 5 minutes."
    person.clocks.go_on(299)
    assert person.hear() == []
    assert person.say("how much time is left?") == "1 second left."
    person.clocks.go_on(2)
    assert person.hear() == ["Your 5 minute timer is up."]
    person.clocks.go_on(3600)
    assert person.hear() == []
    person.end()


def test_what_was_not_heard_is_due_again() -> None:
    person = Person()
    person.say("set a tea timer for one minute")
    person.clocks.go_on(61)
    (reply,) = person.rings()
    assert person.rings() == (), "it is on its way to be heard"
    reply.cancel()
    (again,) = person.rings()
    person.clocks.go_on(HEARD_WITHIN_S + 1)
    (third,) = person.rings()
    assert list(again.pieces()) == [], "nobody heard it in time: another took its place"
    assert list(third.pieces()) == ["Your tea timer is up."]
    third.commit()
    assert person.rings() == ()
    person.end()


def test_a_timer_survives_a_restart_and_says_that_it_is_late(tmp_path: Path) -> None:
    person = Person(tmp_path)
    person.say("set a timer for ten minutes")
    person.say("set a pizza timer for two hours")
    person.restart(away_s=1800)
    assert person.hear() == ["Your 10 minute timer ended 20 minutes ago."]
    assert person.say("how much time is left") == "1 hour and 30 minutes left."
    person.restart(away_s=5400)
    assert person.hear() == ["Your pizza timer is up."]
    person.end()


@pytest.mark.parametrize("set_by_s", [-7200, 7200])
def test_a_timer_does_not_mind_a_clock_that_is_set(set_by_s: float) -> None:
    person = Person()
    person.say("set a timer for ten minutes")
    person.clocks.wall += timedelta(seconds=set_by_s)
    person.clocks.go_on(599)
    assert person.hear() == []
    person.clocks.go_on(2)
    assert person.hear() == ["Your 10 minute timer is up."]
    person.end()


def test_a_clock_set_back_while_sotto_was_off_makes_no_timer_longer_than_it_was(tmp_path: Path) -> None:
    person = Person(tmp_path)
    person.say("set a timer for ten minutes")
    person.restart(away_s=-86400)
    assert person.hear() == []
    person.clocks.go_on(601)
    assert person.hear() == ["Your 10 minute timer is up."]
    person.end()


def test_an_alarm_rings_once_though_the_clock_is_set_back() -> None:
    person = Person()
    assert person.say("set an alarm for 4 pm") == "Alarm set for 4:00 PM today."
    person.clocks.go_on(18 * 60 + 1)
    assert person.hear() == ["It is 4:00 PM. This is your alarm."]
    person.clocks.wall -= timedelta(hours=1)
    person.clocks.go_on(3700)
    assert person.hear() == []
    person.end()


def test_a_daily_alarm_rings_once_a_day_though_the_clock_is_set_back() -> None:
    person = Person()
    person.say("set an alarm for 4 pm every day")
    person.clocks.go_on(18 * 60 + 1)
    assert len(person.hear()) == 1
    person.clocks.wall -= timedelta(hours=2)
    person.clocks.go_on(2 * 3600 + 60)
    assert person.hear() == []
    person.clocks.go_on(86400)
    assert len(person.hear()) == 1
    person.end()


def test_an_alarm_after_sleep_says_that_it_is_late() -> None:
    person = Person()
    person.say("wake me at seven")
    person.clocks.go_on(16 * 3600)
    assert person.hear() == ["It is 7:42 AM. Your alarm for 7:00 AM was due 42 minutes ago."]
    person.say("remind me to call Anna in ten minutes")
    person.clocks.go_on(3600)
    assert person.hear() == ["Reminder: call Anna. This was due 50 minutes ago."]
    person.end()


def test_an_alarm_keeps_its_time_of_day_across_daylight_saving(tmp_path: Path) -> None:
    spring = datetime(2027, 3, 27, 22, 0, tzinfo=BERLIN)  # the night that is an hour shorter
    person = Person(tmp_path, Clocks(spring))
    person.say("wake me at 7 every day")
    person.restart(away_s=8 * 3600 - 60)
    assert person.clocks.wall.hour == 6
    assert person.hear() == []
    person.clocks.go_on(61)
    assert person.hear() == ["It is 7:00 AM. This is your alarm."]
    person.clocks.go_on(86400)
    assert person.hear() == ["It is 7:00 AM. This is your alarm."]
    person.end()


def test_a_time_that_daylight_saving_leaves_out_rings_all_the_same() -> None:
    person = Person(clocks=Clocks(datetime(2027, 3, 27, 22, 0, tzinfo=BERLIN)))
    assert person.say("set an alarm for 2:30 am") == "Alarm set for 2:30 AM tomorrow."
    person.clocks.go_on(4 * 3600 + 1800 - 1)  # 3:29:59, a second before what would be 2:30
    assert person.hear() == []
    person.clocks.go_on(2)
    assert person.hear() == ["It is 3:30 AM. This is your alarm."]
    person.end()


def test_a_time_that_daylight_saving_repeats_rings_once() -> None:
    person = Person(clocks=Clocks(datetime(2027, 10, 30, 22, 0, tzinfo=BERLIN)))
    person.say("set an alarm for 2:30 am")
    person.clocks.go_on(4 * 3600 + 1801)
    assert len(person.hear()) == 1
    person.clocks.go_on(3600)  # the clock shows 2:30 again
    assert person.hear() == []
    person.end()


def test_a_weekday_alarm_skips_the_weekend() -> None:
    person = Person(clocks=Clocks(datetime(2026, 12, 3, 12, 0, tzinfo=BERLIN)))  # a Thursday
    assert person.say("set an alarm for 8 am on weekdays") == "Alarm set for 8:00 AM, on weekdays."
    rung = []
    for _ in range(7 * 24):
        person.clocks.go_on(3600)
        rung += [person.clocks.wall.weekday() for _ in person.hear()]
    assert rung == [4, 0, 1, 2, 3]
    person.end()


def test_a_store_that_is_locked_for_a_while_loses_nothing(tmp_path: Path) -> None:
    import sqlite3

    person = Person(tmp_path)
    blocker = sqlite3.connect(tmp_path / "conversations.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    assert person.say("take a note: the milk is sour") == "Noted: the milk is sour."
    (trouble,) = person.hear()
    assert "locked by another program" in trouble
    assert trouble.startswith("I could not keep that yet.")
    blocker.execute("ROLLBACK")
    blocker.close()
    person.hear()

    assert [note.text for note in person.store.keepsakes.notes()] == ["the milk is sour"]
    person.end()
