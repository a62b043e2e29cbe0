"""How numbers are said in their context: money, units, ranges, fractions, telephone numbers, formulas.

Rules take a regex match over folded text and return spoken words (and pause marks), or None to let the next rule
try. Any thread; imports no numpy, torch or Qt.
"""

from __future__ import annotations

import re

from engine.text import numbers as n
from engine.text import vocabulary as v
from engine.text.vocabulary import word_set

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_UNIT_NAMES = "|".join(re.escape(unit) for unit in sorted(v.UNITS, key=len, reverse=True))
UNIT = rf"(?P<unit>{_UNIT_NAMES})(?P<power>\^[23])?(?:/(?P<per>{_UNIT_NAMES}|d|yr))?(?![A-Za-z0-9])"
SCALE = r"(?:hundred|thousand|million|billion|trillion)"
_YEAR_CUES = word_set(
    """in since by from of until till before after year circa during around and to through between early mid late
    c spring summer autumn fall winter class"""
)
_NOT_PLURAL = word_set("was is as has this its his us yes plus versus thus always")
_GREEK_POWERS = {2: "squared", 3: "cubed"}


def _is_one(text: str) -> bool:
    return text.replace(",", "") == "1"


def _digit_groups(text: str) -> list[str]:
    """Groups of digits one by one, with pauses between: a telephone number."""
    said: list[str] = []
    for group in re.findall(r"\d+", text):
        said += [*([","] if said else []), *n.digits(group)]
    return said


def say_phone(match: re.Match[str]) -> list[str] | None:
    """A telephone number, digit by digit."""
    if not 7 <= sum(sign.isdigit() for sign in match[0]) <= 15:
        return None
    return [*(["plus"] if "+" in match[0] else []), *_digit_groups(match[0])]


def say_digits(match: re.Match[str]) -> list[str] | None:
    """A postal code."""
    return n.digits(match[0])


def say_digit_groups(match: re.Match[str]) -> list[str] | None:
    """Three groups and more with dashes: long ones as digits, short ones as numbers."""
    groups = match[0].split("-")
    if any(len(group) > 2 for group in groups):
        return _digit_groups(match[0])
    return [word for group in groups for word in n.number(group)]


def say_mark(match: re.Match[str]) -> list[str] | None:
    """9.5/10."""
    return [*n.number(match["number"]), "out", "of", *n.number(match["most"])]


def say_ratio(match: re.Match[str]) -> list[str] | None:
    """16:9, 3:1."""
    return [*n.number(match["first"]), "to", *n.number(match["second"])]


def say_version(match: re.Match[str]) -> list[str] | None:
    """v2.0.1, 1.2.3-rc1, 192.168.0.1."""
    parts = re.findall(r"\d+", match["numbers"])
    prefix = ["version"] if match["v"] else []
    if len(parts) == 4 and not prefix and all(int(part) < 256 for part in parts):
        said = [word for part in parts for word in ["dot", *n.digits(part)]][1:]
    else:
        said = [word for part in parts for word in ["point", *n.number(part)]][1:]
    tail = match["tail"] or ""
    for piece in re.findall(r"[a-z]+|\d+", tail):
        said += n.number(piece) if piece.isdigit() else [piece] if len(piece) > 2 else list(piece)
    return [*prefix, *said]


def say_feet(match: re.Match[str]) -> list[str] | None:
    """5'11", 6'."""
    feet = n.number(match["feet"])
    if match["inches"]:
        return [*feet, "foot", *n.number(match["inches"])]
    return [*feet, "foot" if _is_one(match["feet"]) else "feet"]


def say_inches(match: re.Match[str]) -> list[str] | None:
    """12" before a word that tells it from a closing quote."""
    return [*n.number(match[1]), "inch" if match["noun"] or _is_one(match[1]) else "inches"]


def say_mixed_fraction(match: re.Match[str]) -> list[str] | None:
    """3 1/2."""
    fraction = _fraction(int(match["above"]), int(match["below"]))
    return [
        *n.number(match["whole"]),
        "and",
        *(["a"] if fraction[0] == "one" else []),
        *fraction[fraction[0] == "one" :],
    ]


def say_fraction(match: re.Match[str]) -> list[str] | None:
    """1/2, 2/3; 8/10 is a mark out of ten; what is no usual fraction is read with "over"."""
    above, below = int(match["above"]), int(match["below"])
    if below == 0 or len(match["above"]) > 4 or len(match["below"]) > 4:
        return None
    if (below in (5, 10, 100) and above > 1 and below != 5) or (above == below and above > 1):
        return [*n.cardinal(above), "out", "of", *n.cardinal(below)]
    if (below <= 12 and below > 1) or (below in (16, 32, 64, 100, 1000) and above < below):
        return _fraction(above, below)
    return [*n.cardinal(above), "over", *n.cardinal(below)]


def say_part_of_unit(match: re.Match[str]) -> list[str] | None:
    """1/2 tsp, 1 1/2 lb."""
    unit, whole = match["unit"], match["whole"]
    if unit in v.TIGHT_UNITS or match["per"] or match["power"]:
        return None
    said = say_mixed_fraction(match) if whole else say_fraction(match)
    return [*said, *v.UNITS[unit][1 if whole else 0].split()] if said else None


def _fraction(above: int, below: int) -> list[str]:
    name = v.FRACTION_NAMES.get(below) or " ".join(n.ordinal(below)) if below > 1 else "over one"
    if above != 1:
        name = "halves" if below == 2 else f"{name}s"
    return [*n.cardinal(above), *name.split()]


def say_scientific(match: re.Match[str]) -> list[str] | None:
    """1e-5, 6.02e23, 3x10^8."""
    power = int(match["power"].replace("−", "-"))
    times = [] if match["number"] == "1" else [*n.number(match["number"]), "times"]
    return [*times, "ten", "to", "the", "power", "of", *n.cardinal(power)]


def say_dimensions(match: re.Match[str]) -> list[str] | None:
    """3x4, 1920x1080: "by", or "times" before an equals sign."""
    word = "times" if re.match(r"\s*\d+\s*=", match.string[match.end() :]) else "by"
    return [*n.number(match["number"]), word]


def say_multiple(match: re.Match[str]) -> list[str] | None:
    """2x faster."""
    return [*n.number(match["number"]), "times"]


def say_range_start(match: re.Match[str]) -> list[str] | None:
    """The first number of "3-5" or "1990–1995", with "to"; the second one is read by its own rule."""
    first, second = match["first"], match["second"]
    if re.match(rf"{NUMBER}\s*=", match.string[match.end() :]):
        return [*n.number(first), "minus"]
    is_year = len(first) == 4 and len(second) in (2, 4) and first.isdigit() and second.isdigit()
    is_year = is_year and 1100 <= int(first) <= 2099
    return [*(n.year(int(first)) if is_year else n.number(first)), "to"]


def say_ordinal(match: re.Match[str]) -> list[str] | None:
    """21st."""
    return n.ordinal(int(match["number"].replace(",", "")))


def say_decade(match: re.Match[str]) -> list[str] | None:
    """1990s, 80s, '90s."""
    return n.decade(int(match["number"]))


def say_money(match: re.Match[str]) -> list[str] | None:
    """$5.50, £3, €1.5 million, $10-20, $5/month."""
    one, many, cent, cents = v.CURRENCIES[match["currency"]]
    number, last, scale = match["number"], match["last"], match["scale"]
    minus = ["minus"] if match["minus"] else []
    if scale or last:
        said = n.number(number)
        if last:
            said += ["to", *n.number(last)]
        return [*minus, *said, *([v.SCALES[scale.strip()]] if scale else []), *many.split()]
    whole, _, fraction = number.replace(",", "").partition(".")
    name = one if whole == "1" else many
    if len(fraction) != 2:
        return [*minus, *n.number(number), *(many if fraction else name).split()]
    said = [*n.number(whole), *name.split()] if int(whole) or not int(fraction) else []
    if int(fraction):
        said += [
            *(["and"] if said else []),
            *n.cardinal(int(fraction)),
            *(cent if fraction == "01" else cents).split(),
        ]
    return [*minus, *said]


def say_quantity(match: re.Match[str]) -> list[str] | None:
    """A number with a unit: 5 km/h, 20 °C, 3 GB, 10 m^2."""
    unit = match["unit"]
    if (unit in v.TIGHT_UNITS and match["space"]) or (unit == "K" and not match["space"]):
        return None
    number = match["number"]
    if unit == "s" and re.fullmatch(r"\d*0", number) and len(number) in (2, 4):
        return None
    one, many = v.UNITS[unit]
    is_one = _is_one(number) or match["hyphen"] == "-"
    said = [*n.number(number), *({"^2": ["square"], "^3": ["cubic"]}.get(match["power"] or "", []))]
    said += (one if is_one else many).split()
    if match["per"]:
        said += ["per", *(v.PER.get(match["per"]) or v.UNITS[match["per"]][0]).split()]
    return said


def say_bare_unit(match: re.Match[str]) -> list[str] | None:
    """A unit with a blank between it and its number, where another rule has read the number (10^8 m/s)."""
    said = v.UNITS[match["unit"]][1].split()
    return (
        [*said, "per", *(v.PER.get(match["per"]) or v.UNITS[match["per"]][0]).split()]
        if match["per"]
        else None
    )


def say_degrees(match: re.Match[str]) -> list[str] | None:
    """20 °C, 90°, 451 F."""
    scale = {"C": "celsius", "F": "fahrenheit", "K": "kelvin"}.get(match["scale"] or "")
    return [
        *n.number(match["number"]),
        "degree" if _is_one(match["number"]) else "degrees",
        *([scale] if scale else []),
    ]


def say_percent(match: re.Match[str]) -> list[str] | None:
    """5.5%."""
    return [*n.number(match["number"]), "percent"]


def say_scaled(match: re.Match[str]) -> list[str] | None:
    """10k, 5M, 3bn."""
    return [*n.number(match["number"]), v.SCALES[match["scale"]]]


def say_foreign_money(match: re.Match[str]) -> list[str] | None:
    """50 USD, 20 €, 99¢."""
    currency = match["currency"]
    if currency == "¢":
        return [*n.number(match["number"]), "cent" if _is_one(match["number"]) else "cents"]
    one, many, _, _ = v.CURRENCIES[currency]
    return [*n.number(match["number"]), *(one if _is_one(match["number"]) else many).split()]


def say_era(match: re.Match[str]) -> list[str] | None:
    """44 BC, 1066 AD."""
    letters = ["ay" if letter == "A" else letter.lower() for letter in match["era"] if letter.isalpha()]
    return [*n.year(int(match["number"])), *letters]


def say_number(match: re.Match[str]) -> list[str] | None:
    """Any other number: a year where it looks like one."""
    return plain_number(match, match[0])


def plain_number(match: re.Match[str], text: str) -> list[str]:
    if len(text) == 4 and text.isdigit() and 1100 <= int(text) <= 2099 and _is_year(match):
        return n.year(int(text))
    return n.number(text)


def _is_year(match: re.Match[str]) -> bool:
    """A four-digit number is a year unless it counts something: "1500 people"."""
    before = match.string[max(0, match.start() - 16) : match.start()]
    word = re.search(r"([A-Za-z]+)\.? $", before)
    if word and (word[1].lower() in _YEAR_CUES or word[1][:3] in v.MONTHS):
        follows = re.match(r"\s([a-z]+s)\b", match.string[match.end() :])
        return not (
            follows and follows[1] not in _NOT_PLURAL and word[1].lower() in ("of", "from", "to", "and", "by")
        )
    if re.search(r"\d[ -–]+to$|[=+*/^]\s*$", before) or re.match(r"\s*[=+*/^]", match.string[match.end() :]):
        return False
    after = re.match(r"[- ]([a-z]+)", match.string[match.end() :])
    return (
        not after
        or not (after[1].endswith("s") or after[1] in ("people", "men", "women", "children", "or", "more"))
        or after[1] in _NOT_PLURAL
    )


def say_signed(match: re.Match[str]) -> list[str] | None:
    """A sign before a number: "-5", "+3", "~10", "±2"."""
    return {"-": ["minus"], "−": ["minus"], "+": ["plus"], "~": ["about"], "±": ["plus", "or", "minus"]}[
        match["sign"]
    ]


def say_power(match: re.Match[str]) -> list[str] | None:
    """^2, ^3, ^n, ^{-1}."""
    power = match["power"]
    if re.fullmatch(r"[-−]?\d+", power):
        value = int(power.replace("−", "-"))
        return (
            [_GREEK_POWERS[value]]
            if value in _GREEK_POWERS
            else ["to", "the", "power", "of", *n.cardinal(value)]
        )
    return ["to", "the", "power", "of", "ay" if power.lower() == "a" else power.lower()]


def say_number_sign(match: re.Match[str]) -> list[str] | None:
    """#5."""
    return ["number", *n.number(match["number"])]
