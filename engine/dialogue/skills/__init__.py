"""The one registry of built-in skills, in the order in which they are asked.

Runs on the dialogue thread. A new skill is one file and one line here.
"""

from __future__ import annotations

from engine.dialogue.plan import Skill
from engine.dialogue.skills.arithmetic import ArithmeticSkill
from engine.dialogue.skills.calendar import CalendarSkill
from engine.dialogue.skills.cannot import CannotSkill
from engine.dialogue.skills.chance import ChanceSkill
from engine.dialogue.skills.clock import ClockSkill
from engine.dialogue.skills.company import CompanySkill
from engine.dialogue.skills.controls import ControlsSkill
from engine.dialogue.skills.facts import FactsSkill
from engine.dialogue.skills.help import HelpSkill
from engine.dialogue.skills.lists import ListsSkill
from engine.dialogue.skills.notes import NotesSkill
from engine.dialogue.skills.timers import TimersSkill
from engine.dialogue.skills.units import UnitsSkill
from engine.dialogue.skills.words import WordsSkill


def built_in_skills() -> tuple[Skill, ...]:
    """Every skill, the honest "I can't" last, which understands everything."""
    skills: tuple[Skill, ...] = (
        ControlsSkill(),
        CompanySkill(),
        TimersSkill(),
        NotesSkill(),
        ListsSkill(),
        CalendarSkill(),
        ClockSkill(),
        UnitsSkill(),
        ArithmeticSkill(),
        ChanceSkill(),
        FactsSkill(),
        WordsSkill(),
    )
    helping = HelpSkill({skill.name: skill.examples for skill in skills})
    return (helping, *skills, CannotSkill(helping.nearest))
