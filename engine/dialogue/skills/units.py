"""Conversion of units, by pint. Runs on the dialogue thread; pint is imported with the first conversion.

Only names that stand in a table here reach pint, so that no text of a user is ever parsed by it.
"""

from __future__ import annotations

import functools
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from engine.dialogue.calculator import told_number
from engine.dialogue.phrasing import Phrases, slot
from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

if TYPE_CHECKING:
    from pint import UnitRegistry

_UNITS: dict[str, str] = {
    "meter": "meters meter metres metre m",
    "kilometer": "kilometers kilometer kilometres kilometre km kms",
    "centimeter": "centimeters centimeter centimetres centimetre cm cms",
    "millimeter": "millimeters millimeter millimetres millimetre mm",
    "mile": "miles mile mi",
    "yard": "yards yard yd yds",
    "foot": "feet foot ft",
    "inch": "inches inch in.",
    "nautical_mile": "nautical-miles nautical-mile",
    "light_year": "light-years light-year lightyears lightyear",
    "kilogram": "kilograms kilogram kilos kilo kg kgs",
    "gram": "grams gram g gr",
    "milligram": "milligrams milligram mg",
    "pound": "pounds pound lb lbs",
    "ounce": "ounces ounce oz",
    "stone": "stone stones",
    "metric_ton": "tonnes tonne metric-tons metric-ton tons ton",
    "liter": "liters liter litres litre l",
    "milliliter": "milliliters milliliter millilitres millilitre ml",
    "centiliter": "centiliters centiliter centilitres centilitre cl",
    "deciliter": "deciliters deciliter decilitres decilitre dl",
    "gallon": "gallons gallon gal us-gallons us-gallon",
    "quart": "quarts quart",
    "pint": "pints pint us-pints us-pint",
    "cup": "cups cup",
    "fluid_ounce": "fluid-ounces fluid-ounce fl-oz",
    "tablespoon": "tablespoons tablespoon tbsp",
    "teaspoon": "teaspoons teaspoon tsp",
    "imperial_gallon": "imperial-gallons imperial-gallon uk-gallons uk-gallon",
    "imperial_pint": "imperial-pints imperial-pint uk-pints uk-pint",
    "meter ** 3": "cubic-meters cubic-meter cubic-metres cubic-metre",
    "second": "seconds second secs sec",
    "minute": "minutes minute mins min",
    "hour": "hours hour hrs hr h",
    "day": "days day",
    "week": "weeks week",
    "month": "months month",
    "year": "years year",
    "decade": "decades decade",
    "century": "centuries century",
    "millisecond": "milliseconds millisecond ms",
    "degC": "celsius centigrade degrees-celsius degree-celsius degrees-centigrade c degrees-c °c",
    "degF": "fahrenheit degrees-fahrenheit degree-fahrenheit f degrees-f farenheit degrees-farenheit °f",
    "kelvin": "kelvin kelvins degrees-kelvin k",
    "kilometer / hour": "kilometers-per-hour kilometres-per-hour kilometers-an-hour kmh kph km/h",
    "mile / hour": "miles-per-hour miles-an-hour mph",
    "meter / second": "meters-per-second metres-per-second m/s",
    "knot": "knots knot",
    "meter ** 2": "square-meters square-meter square-metres square-metre sqm",
    "foot ** 2": "square-feet square-foot sq-ft sqft",
    "kilometer ** 2": "square-kilometers square-kilometer square-kilometres square-kilometre",
    "mile ** 2": "square-miles square-mile",
    "hectare": "hectares hectare",
    "acre": "acres acre",
    "joule": "joules joule",
    "kilojoule": "kilojoules kilojoule kj",
    "calorie": "small-calories",
    "kilocalorie": "kilocalories kilocalorie kcal calories calorie",
    "watt_hour": "watt-hours watt-hour",
    "kilowatt_hour": "kilowatt-hours kilowatt-hour kwh",
    "watt": "watts watt",
    "kilowatt": "kilowatts kilowatt kw",
    "horsepower": "horsepower hp",
    "pascal": "pascals pascal",
    "bar": "bar bars",
    "psi": "psi",
    "standard_atmosphere": "atmospheres atmosphere atm",
    "bit": "bits bit",
    "byte": "bytes byte",
    "kilobyte": "kilobytes kilobyte kb",
    "megabyte": "megabytes megabyte mb",
    "gigabyte": "gigabytes gigabyte gb",
    "terabyte": "terabytes terabyte tb",
    "degree": "degrees degree",
    "radian": "radians radian",
}
_NAMES = {name.replace("-", " "): unit for unit, names in _UNITS.items() for name in names.split()}
_UNIT = "|".join(re.escape(name) for name in sorted(_NAMES, key=len, reverse=True))
_AMOUNT = (
    r"-?\d+(?:\.\d+)?(?: and a (?:half|quarter))?|minus \d+(?:\.\d+)?|half an?|a half|a|an|the|one"
    r"|-?\d+/\d+|a dozen|a hundred"
)
_SLOTS = {"unit": _UNIT, "amount": _AMOUNT, "second": r"\d+(?:\.\d+)?", "foot": "foot|feet|ft"}
_MONEY = re.compile(r"\b(pound|pounds)\b.*\b(dollar|euro|yen)")

_CONVERT = Phrases(
    """
    [convert | change | turn | what is | what are | how much is | how much are | calculate | how long is | \
        how far is | how heavy is | how hot is | how cold is | how tall is | how big is | translate] \
        <n:amount> [degrees] <from:unit> (in | to | into | as) [degrees] <to:unit>
    [convert | what is | how much is | how tall is] <n:amount> <from:unit> [and] <n2:second> <from2:unit> \
        (in | to | into) <to:unit>
    (convert | what is | how much is) <n:amount> <from:unit> (converted | expressed | measured) (in | to | \
        into) <to:unit>
    how many <to:unit> (are | is) [there] [in] <n:amount> <from:unit>
    how many <to:unit> (in | make | make up | equal | are equal to | does | do | are | fit in | fit into | \
        to | for) <n:amount> <from:unit> [have | make]
    how many <to:unit> does <n:amount> <from:unit> (have | make | contain)
    <to:unit> (in | per) (a | an | one | 1) <from:unit>
    how (many | much) <to:unit> (is | are) <n:amount> <from:unit>
    (convert | change) <n:amount> <from:unit>
    [how much is | what is | convert | how tall is] <n:amount> <from:foot> <n2:second> (in | to | into) <to:unit>
    <n:amount> <from:unit> (is | are | equals | makes | make) how many <to:unit>
    what is the temperature of <n:amount> [degrees] <from:unit> in <to:unit>
    what is <n:amount> [degrees] <from:unit> in [degrees] <to:unit>
""".replace("[degrees] <from:unit>", "<from:unit>").replace("[degrees] <to:unit>", "<to:unit>"),
    _SLOTS,
)
_PLAIN = Phrases(
    """
    how many <to:unit> in <from:unit>
    <from:unit> (to | in | into) <to:unit>
""",
    _SLOTS,
)
_UNKNOWN = Phrases("""
    convert <n:number> <what:text> (to | into | in) <to:text>
""")

_TOLD = {
    "degC": "degree Celsius",
    "degF": "degree Fahrenheit",
    "kelvin": "kelvin",
    "metric_ton": "metric ton",
    "foot": "foot",
    "inch": "inch",
}
_PLURAL = {
    "foot": "feet",
    "inch": "inches",
    "degree Celsius": "degrees Celsius",
    "degree Fahrenheit": "degrees Fahrenheit",
    "century": "centuries",
    "stone": "stone",
    "horsepower": "horsepower",
    "psi": "psi",
    "kelvin": "kelvin",
    "bar": "bar",
    "square foot": "square feet",
}
_US = ("gallon", "quart", "pint", "cup", "fluid_ounce")


class UnitsSkill:
    """So many of these in those."""

    name = "units"
    examples = (
        "How many feet are in a mile?",
        "Convert ten kilometers to miles.",
        "What is 70 Fahrenheit in Celsius?",
    )
    spoken = (
        "how many <measure> [are] in (a | an) <single>",
        "convert <small> <measure> to <measure>",
        "what is <small> <measure> in <measure>",
        "how many <measure> are <small> <measure>",
        "what is <small> <degrees> in (celsius | fahrenheit)",
        "convert <small> <degrees> to (celsius | fahrenheit)",
    )
    prefixes: tuple[str, ...] = ()

    def warm(self) -> None:
        """Import what the first conversion needs."""
        _registry()

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """The conversion, or the sentence that says why there is none."""
        text = heard.figures
        if _MONEY.search(text):
            return None
        found = _CONVERT.match(text) or _PLAIN.match(text)
        if found is None:
            return None
        source, target = _NAMES[found["from"].strip()], slot(found, "to").strip()
        if not target:
            return Plan("Into what? Say, for instance: convert ten miles to kilometers.")
        amount = _amount(slot(found, "n") or "1")
        if amount is None:
            return None
        parts = [(amount, source)]
        if second := slot(found, "n2"):
            parts.append((Fraction(second), _NAMES[slot(found, "from2").strip() or "inches"]))
        return self._converted(parts, _NAMES[target])

    def _converted(self, parts: list[tuple[Fraction, str]], target: str) -> Plan:
        from pint import DimensionalityError

        registry = _registry()
        try:
            total = sum(
                float(registry.Quantity(float(amount), unit).to(target).magnitude) for amount, unit in parts
            )
        except DimensionalityError:
            names = f"{_named(parts[0][1], 2)} and {_named(target, 2)}"
            return Plan(f"{names[:1].upper()}{names[1:]} measure different things.")
        except OverflowError:
            return Plan("That number is too large to convert.")
        if (
            target == "kelvin"
            and total < 0
            or (target in ("degC", "degF") and total < (-273.15 if target == "degC" else -459.67) - 1e-6)
        ):
            return Plan("Nothing is as cold as that.")
        said = " ".join(f"{_plain(amount)} {_named(unit, amount)}" for amount, unit in parts)
        rounded = round(total, 9)
        value = (
            Fraction(str(rounded))
            if abs(rounded) < 10**9 and abs(rounded - total) <= 1e-9 * max(1.0, abs(total))
            else total
        )
        told = _three_decimals(value)
        verb = "is" if len(parts) == 1 and parts[0][0] in (1, Fraction(1, 2)) else "are"
        unit = _named(target, 1 if told == "1" else 2)
        return Plan(f"{said[:1].upper()}{said[1:]} {verb} {told} {unit}.")


@functools.cache
def _registry() -> UnitRegistry[Any]:
    """Pint's units; reading their definitions takes most of a second."""
    from pint import UnitRegistry

    return UnitRegistry(autoconvert_offset_to_baseunit=True)


def _amount(text: str) -> Fraction | None:
    text = text.strip()
    words = {"a": 1, "an": 1, "the": 1, "one": 1, "a dozen": 12, "a hundred": 100}
    if text in words:
        return Fraction(words[text])
    if text in ("half a", "half an", "a half"):
        return Fraction(1, 2)
    extra = Fraction(0)
    for ending, more in ((" and a half", Fraction(1, 2)), (" and a quarter", Fraction(1, 4))):
        if text.endswith(ending):
            text, extra = text.removesuffix(ending), more
    text = text.replace("minus ", "-")
    if len(text) > 30 or re.search(r"/0+$", text):
        return None
    return Fraction(text) + extra


def _plain(amount: Fraction) -> str:
    return "half a" if amount == Fraction(1, 2) else told_number(amount)


def _three_decimals(value: Fraction | float) -> str:
    """A converted value for the ear: three decimals say enough, small ones keep three significant digits."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return told_number(value)
    size = abs(float(value))
    if not 1e-4 < size < 1e12:
        return told_number(value)
    decimals = 3 if size < 10 else 2 if size < 1000 else 1
    if size < 0.1:
        decimals = 5
    text = f"{float(value):,.{decimals}f}".rstrip("0").rstrip(".")
    exact = isinstance(value, Fraction) and Fraction(text.replace(",", "")) == value
    return text if exact else f"about {text}"


def _named(unit: str, count: Fraction | int) -> str:
    name = _TOLD.get(unit, unit.replace("_", " "))
    if " / " in unit:
        first, _, second = unit.partition(" / ")
        return f"{first}{'' if count == 1 else 's'} per {second}"
    if " ** " in unit:
        first, _, power = unit.partition(" ** ")
        name = f"{'square' if power == '2' else 'cubic'} {first}"
    if unit in _US:
        name = f"US {name}"
    if count == 1 or count == Fraction(1, 2):
        return name
    return _PLURAL.get(name, name if name.endswith("s") else f"{name}s")
