"""What can be said: the skills' phrasings as one JSGF grammar with one public rule, and prefixes of open text.

Pure, any thread. Every word must be in the recogniser's dictionary; numbers are spelled out.
"""

from __future__ import annotations

from engine.dialogue.moments import MONTHS, WEEKDAYS
from engine.dialogue.skills import built_in_skills
from engine.dialogue.skills.clock import ClockSkill
from engine.recognition import Grammar

_UNIT = "one two three four five six seven eight nine".split()
_TEEN = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TEN = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINAL = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
    " fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()


def _any(words: list[str] | tuple[str, ...]) -> str:
    return " | ".join(words)


def _rules() -> dict[str, str]:
    """The rules that skills refer to."""
    days = f"(({_any(_ORDINAL)}) | twenty ({_any(_ORDINAL[:9])}) | thirtieth | thirty first)"
    return {
        "unit": _any(_UNIT),
        "small": f"<unit> | {_any(_TEEN)} | ({_any(_TEN)}) [<unit>]",
        "number": "<small> | (a | <unit>) hundred [[and] <small>] | (a | <unit>) thousand | zero",
        "operation": "plus | minus | times | multiplied by | divided by | over",
        "month": _any(MONTHS),
        "weekday": _any(WEEKDAYS),
        "holiday": "christmas [day | eve] | new year's [day | eve] | halloween | easter | thanksgiving"
        " | valentine's day",
        "date": f"<month> {days} | the {days} of <month>",
        "day": "today | tomorrow | [next] <weekday> | <holiday> | <date>",
        "city": _any(ClockSkill.spoken_cities),
        "length": "<small> (second | seconds) | <small> (minute | minutes) [[and] <small> seconds]"
        " | <small> (hour | hours) [[and] <small> minutes] | half an hour | an hour [and (a half | <small> minutes)]"
        " | a minute [and a half]",
        "clock": f"({_any(_UNIT + _TEEN[:3])}) [o'clock | thirty | fifteen | forty five | <half>]"
        f" | (half past | [a] quarter past | [a] quarter to) ({_any(_UNIT + _TEEN[:3])}) | noon | midnight",
        "half": "a m | p m | in the morning | in the evening",
        "measure": "meters | feet | inches | centimeters | kilometers | miles | yards | pounds | kilograms | grams"
        " | ounces | liters | gallons | cups | pints | hours | minutes | seconds | days | weeks",
        "degrees": "[degrees] (celsius | fahrenheit)",
        "thing": "milk | bread | eggs | butter | cheese | apples | bananas | coffee | tea | sugar | rice | pasta"
        " | water | chicken | tomatoes | potatoes | onions | toilet paper | soap",
        "single": "mile | kilometer | foot | yard | meter | pound | kilogram | gallon | liter | day | week | hour"
        " | minute | inch | ounce | cup | pint",
        "list": "shopping | grocery | to do | packing",
    }


def spoken_grammar() -> Grammar:
    """The closed grammar of all built-in skills. Only rules that are referred to are in it."""
    skills = built_in_skills()
    alternatives = {skill.name: skill.spoken for skill in skills if skill.spoken}
    rules = _rules()
    commands = {f"do_{name}": _any(phrasings) for name, phrasings in alternatives.items()}
    wanted = set()
    waiting = list(commands.values())
    while waiting:
        text = waiting.pop()
        for name in rules:
            if f"<{name}>" in text and name not in wanted:
                wanted.add(name)
                waiting.append(rules[name])
    lines = [
        "#JSGF V1.0;",
        "grammar sotto;",
        f"public <command> = [please] ({_any([f'<{name}>' for name in commands])}) [please];",
    ]
    lines += [f"<{name}> = {text.lower()};" for name, text in commands.items()]
    lines += [f"<{name}> = {text};" for name, text in rules.items() if name in wanted]
    prefixes = dict.fromkeys(prefix for skill in skills for prefix in skill.prefixes)
    return Grammar("\n".join(lines) + "\n", tuple(prefixes))
