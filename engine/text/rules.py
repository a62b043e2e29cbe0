"""The normaliser's rules in order: which pattern is tried at which character, and who says what it means.

The first pattern that matches and is not refused by its speaker wins. Data and one compiled table; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.text import dates as d
from engine.text import markup as m
from engine.text import quantities as q
from engine.text import words as w

Speak = Callable[[re.Match[str]], list[str] | None]
N = rf"(?P<number>{q.NUMBER})"
_HALF = r"(?P<half>[ap]\.m\.?|[AP]\.M\.?|[ap]m\b|[AP]M\b)"
_SCALE_SUFFIX = rf"(?P<scale>\s{q.SCALE}\b|(?:k|K|M|m|bn|B|b|mn|tn|T)\b)?"
_RELEASE = r"(?P<tail>-?(?:rc|beta|alpha|dev|b|a)\.?\d*)?(?!\w)"
_EXTENSION = r"\.[A-Za-z][A-Za-z0-9]{0,5}"


_DIGIT_RULES: tuple[tuple[str, Speak], ...] = (
    (
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
        r"(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::\d\d(?:\.\d+)?)?Z?)?(?![\d-])",
        d.say_iso_date,
    ),
    (
        r"(?P<first>\d\d?)(?P<sign>[/.-])(?P<second>\d\d?)(?P=sign)(?P<year>\d{4}|\d\d)(?![\d/.-]\d)\b",
        d.say_numeric_date,
    ),
    (
        r"(?:1[-. ])?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}\b|\d{3}-\d{4}\b(?!-)|0\d{2,4} \d{3,8}(?: \d{3,6})?\b",
        q.say_phone,
    ),
    (r"(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?!\d)(?:\s?" + _HALF + ")?", d.say_time),
    (r"(?P<hour>\d\d?)\s?" + _HALF, d.say_hour),
    (r"(?P<first>\d+):(?P<second>\d+)(?![\d:])", q.say_ratio),
    (
        r"(?P<v>)(?P<numbers>\d+(?:\.\d+){2,})" + _RELEASE,
        q.say_version,
    ),
    (r"(?:24/7|9/11|20/20)(?![\d/])", w.say_slashed),
    (r"(?P<above>0?\d|1[0-2])/(?P<below>0\d)(?![\d/])", d.say_month_slash_day),
    (r"(?P<number>\d+\.\d+)/(?P<most>5|10|100)(?![\d/])", q.say_mark),
    (
        rf"(?P<day>\d\d?)(?P<suffix>st|nd|rd|th)?(?P<of> of)? (?P<month>{d.MONTH})(?:,? (?P<year>\d{{4}})(?!\d))?",
        d.say_day_month,
    ),
    (r"(?P<feet>\d+)'\s?(?P<inches>\d\d?)(?:\"|''|(?!\d))(?!\w)", q.say_feet),
    (r"(?P<feet>\d+)'(?P<inches>)(?=\s(?:tall|long|wide|deep|high|by|x)\b)", q.say_feet),
    (
        r"(\d+(?:\.\d+)?)\"(?=\s?(?:[x×]|by|wide|long|tall|deep|thick"
        r"|(?P<noun>screen|display|monitor|laptop|pizza|ruler|pipe|tv|TV|diameter))\b)",
        q.say_inches,
    ),
    (rf"(?:(?P<whole>\d+)\s)?(?P<above>\d+)/(?P<below>[1-9]\d*)\s?{q.UNIT}", q.say_part_of_unit),
    (r"(?P<whole>\d+)\s(?P<above>\d+)/(?P<below>[1-9]\d*)(?![\d/])", q.say_mixed_fraction),
    (r"(?P<above>\d+)/(?P<below>\d+)(?![\d/])", q.say_fraction),
    (N + r"(?:[eE](?P<power>[+-]?\d+)\b)", q.say_scientific),
    (N + r"\s?[x×*]\s?10\^\{?(?P<power>[-−]?\d+)\}?", q.say_scientific),
    (N + r"(?:[x×]| [x×] )(?=\d)", q.say_dimensions),
    (N + r"[x×](?= [a-z]{3}| ?$|[.,;!?])", q.say_multiple),
    (r"\d+(?:-\d+){2,}(?![\w-])", q.say_digit_groups),
    (rf"(?P<first>{q.NUMBER})(?:\s?[–—]\s?|-)(?=(?P<second>{q.NUMBER}))", q.say_range_start),
    (N + r"(?:st|nd|rd|th)\b", q.say_ordinal),
    (r"(?P<number>\d{3}0|[1-9]0)'?s\b", q.say_decade),
    (N + r"\s?%", q.say_percent),
    (N + r"\s?°\s?(?P<scale>[CFK])?(?![A-Za-z])", q.say_degrees),
    (N + r"\s?(?P<currency>[€£¥₹₽₩¢$]|USD|EUR|GBP|JPY|CHF|CAD|AUD)(?![\w])", q.say_foreign_money),
    (N + r"(?P<space>\s?)(?P<hyphen>-?)" + q.UNIT, q.say_quantity),
    (N + r"(?P<scale>k|M|bn|mn|tn)\b", q.say_scaled),
    (r"(?<= [A-Z]{2} )\d{5}\b", q.say_digits),
    (r"(?P<number>\d{1,4})\s?(?P<era>BCE|BC|AD|CE|B\.C\.|A\.D\.)(?![A-Za-z])", q.say_era),
    (r"\d+[A-Za-z][A-Za-z0-9]*", w.say_code),
    (q.NUMBER, q.say_number),
)
_LETTER_RULES: tuple[tuple[str, Speak], ...] = (
    (r"(?:(?:https?|ftp)://|www\.)(?P<address>[^\s<>\"]+)", w.say_link),
    (
        r"(?P<address>(?:[a-z0-9-]+\.)+(?:com|org|net|io|edu|gov|app|dev|ai|co\.uk|de|fr)/[^\s<>\"]+)",
        w.say_link,
    ),
    (r"[a-z]{2}(?=\^\d)", w.say_product),
    (r"[A-Za-z0-9][\w.+-]*@[\w-]+(?:\.[\w-]+)+", w.say_email),
    (r"[A-Za-z]:\\[\w\\.-]*", w.say_path),
    (
        rf"(?P<month>{d.MONTH}) (?P<day>\d\d?)(?:st|nd|rd|th)?(?:[-–](?P<last>\d\d?)(?:st|nd|rd|th)?)?"
        r"(?!\d|:|[.,]\d)(?:,? (?P<year>\d{4})(?!\d))?",
        d.say_month_day,
    ),
    (rf"(?P<month>{d.MONTH})\s?[-–]\s?(?={d.MONTH})", d.say_month_range),
    (rf"(?P<month>{d.MONTH}),? (?P<year>[12]\d{{3}})(?![\d,])", d.say_month_year),
    (
        r"(?P<v>[vV](?:ersion )?\s?)(?P<numbers>\d+(?:\.\d+)*)" + _RELEASE,
        q.say_version,
    ),
    (
        r"(?P<minus>)(?P<currency>US\$|A\$|C\$|USD|EUR|GBP) ?" + N + "(?P<last>)" + _SCALE_SUFFIX,
        q.say_money,
    ),
    (r"(?:w/o|c/o|b/c|[nN]/[aA]|[aA]/[cC])\b|w/(?=\s)", w.say_slashed),
    (r"C\+\+|[CF]#(?!\w)|R&D|[A-Z]{1,3}&[A-Z]{1,3}(?!\w)", m.say_signed_name),
    (
        r"(?:[A-Za-z]\.){2,}(?:[A-Za-z]\b)?\.?(?![A-Za-z])|[A-Za-z](?:\.[A-Za-z])+\b\.?(?![A-Za-z])"
        r"|(?:Ph\.D|[BM]\.Sc)\b\.?|[A-Z]\.(?=\s)",
        w.say_dotted,
    ),
    (r"et al\.", m.say_et_al),
    (r"(?P<word>[A-Za-z]+)\.(?!\w)", w.say_abbreviation),
    (r"(?P<word>Dr|St|Mr|Mrs|Ms|Prof)(?=\s)", w.say_dotless_title),
    (r"(?P<number>)(?P<space>)(?P<hyphen>)(?:(?<=\d )|(?<=power ))" + q.UNIT, q.say_bare_unit),
    (r"(?:[\w-]+/)+[\w-]+" + _EXTENSION + r"\b", w.say_path),
    (r"[A-Za-z][\w-]*(?:\.[A-Za-z0-9][\w-]*)+", w.say_host),
    (r"[A-Za-z]+\d[A-Za-z0-9]*", w.say_code),
    (r"[A-Za-z]+(?:'[A-Za-z]+)*'?", w.say_word),
)
_MONEY = rf"(?P<minus>[-−]?)(?P<currency>[$£€¥₹₽₩₿])\s?{N}(?:[-–](?P<last>{q.NUMBER}))?{_SCALE_SUFFIX}"
_SIGN_RULES: dict[str, tuple[tuple[str, Speak], ...]] = {
    "$£€¥₹₽₩₿": ((_MONEY, q.say_money),),
    "-−": (
        (r"(?<=[\dm.])-(?=\d{1,2}(?::\d\d|\s?[ap]\.?m\b))", m.say_to),
        (_MONEY, q.say_money),
        (r"(?<![A-Za-z0-9)])(?P<sign>[-−])(?=\.?\d)", q.say_signed),
        (r"->|-->", m.say_arrow),
        (
            r"(?<=\d )[-−](?= \d)|(?<=\d[a-z] )[-−](?= \d)|(?<=\d)−(?=\d)|(?<=\w )−(?= \w)|(?<=[a-z] )-(?= [a-z] ?=)",
            m.say_minus,
        ),
        (r"(?<=\s)-+(?=\s|$)|--+", m.say_dash),
    ),
    "–—": (
        (r"(?<=[\dm.])–(?=\d{1,2}(?::\d\d|\s?[ap]\.?m\b))", m.say_to),
        (r"(?<!\w)–(?=\d)", m.say_minus),
        (r"[–—]+", m.say_dash),
    ),
    "+~±": (
        (r"\+\d[\d ()-]{6,16}\d(?!\d)", q.say_phone),
        (r"(?<![\w)])(?P<sign>[+~±])\s?(?=\.?\d)", q.say_signed),
        (r"\+", m.say_plus),
        (r"~/[\w./~-]*", w.say_path),
    ),
    "#": ((r"#(?P<number>\d+)\b", q.say_number_sign), (r"#[A-Za-z]\w*", w.say_tag)),
    "@": ((r"(?<!\w)@[A-Za-z]\w*", w.say_tag), (r"@", m.say_at)),
    "(": (
        (r"\(\d{3}\)\s?\d{3}[-. ]\d{4}\b", q.say_phone),
        (r"\((?P<body>[^()\n]{1,60})\)", m.say_stage_direction),
        (r"(?<=\b[a-zA-Z])\((?=[a-z]\))", m.say_of),
        (r"(?<=\w)\(", m.say_nothing),
        (r"\(", m.say_pause),
    ),
    ")": ((r"\)(?=\s|$)", m.say_closing),),
    "[": (
        (r"\[\^?\d{1,3}\]|\[[ xX]\]", m.say_nothing),
        (r"\[(?P<body>[^\[\]\n]{1,60})\](?!\()", m.say_stage_direction),
    ),
    "]": ((r"\]\([^()\s]*(?:\([^()\s]*\))?[^()\s]*(?:\s+\"[^\"]*\")?\)|\]\[[^\]]*\]", m.say_nothing),),
    "!": (
        (r"!\[[^\]]*\]\([^)]*\)", m.say_nothing),
        (r"!=", m.say_not_equal),
        (r"[!?.,;:]+", m.say_punctuation),
    ),
    "<": (
        (r"</?[A-Za-z][^<>]{0,300}>|<3(?!\d)", m.say_nothing),
        (r"<=", m.say_comparison),
        (r"(?<=[\w)] )<(?= )|(?<=[a-z0-9])<(?=[\d-])", m.say_comparison),
        (r"<-", m.say_arrow),
    ),
    ">": ((r">=", m.say_comparison), (r"(?<=[\w)] )>(?= )|(?<=[a-z0-9])>(?=[\d-])", m.say_comparison)),
    "=": ((r"={3,}", m.say_nothing), (r"=>", m.say_arrow), (r"==?", m.say_equals)),
    "*": (
        (r"\*+(?P<body>[^*\n]{1,60})\*+", m.say_stage_direction),
        (r"(?<=\d)\s?\*\s?(?=\d)|(?<=[\w)] )\*(?= [\w(])", m.say_times),
    ),
    "×": ((r"×", m.say_times),),
    "^": ((r"\^\{?(?P<power>[-−]?\d+|[A-Za-z])\}?(?!\w)", q.say_power),),
    "/": (
        (r"(?<=\d )/(?= \d)|(?<=[a-z] )/(?= [a-z] )", m.say_divided),
        (
            r"/(?:h|hr|s|sec|min|d|yr|mo)\b|/(?=(?:month|year|week|day|hour|minute|second|person|night|kg|lb|GB)\b)",
            m.say_per,
        ),
        (r"(?<![\w/])/[A-Za-z~][\w.~-]*(?:/[\w.~-]*)*", w.say_path),
        (r"(?<=\s)/(?=\s)", m.say_pause),
    ),
    ".": (
        (r"(?<![\w.])(?P<number>\.\d+)", m.say_bare_decimal),
        (r"\.{1,2}/[\w./~-]*", w.say_path),
        (r"(?<![\w.])\.[A-Za-z]\w*", m.say_dot_name),
        (r"[!?.,;:]+", m.say_punctuation),
    ),
    ",?": ((r"[!?.,;:]+", m.say_punctuation),),
    ":;": (
        (r"[:;]['o*]?-?[)(\]\[DPpO|]+(?!\w)", m.say_nothing),
        (r":[a-z0-9_+-]+:(?!\w)", m.say_nothing),
        (r"[!?.,;:]+", m.say_punctuation),
    ),
    "'": (
        (r"'(?P<number>\d0)s\b", q.say_decade),
        (r"'(?:tis|twas|em|til|cause|round|bout)\b", m.say_clipped),
        (r"'n'", m.say_and),
    ),
    "|": ((r"\|(?=[ \t]*[^\s|:-])", m.say_pause),),
    "→": ((r"→", m.say_arrow),),
    "•": ((r"•", m.say_nothing),),
}


def _rule_table() -> dict[str, list[tuple[re.Pattern[str], Speak]]]:
    table: dict[str, list[tuple[re.Pattern[str], Speak]]] = {}
    groups = {"0123456789": _DIGIT_RULES, **_SIGN_RULES}
    groups["".join(chr(code) for code in range(128) if chr(code).isalpha())] = _LETTER_RULES
    for characters, rules in groups.items():
        compiled = [(re.compile(pattern), speak) for pattern, speak in rules]
        for character in characters:
            table[character] = compiled
    for symbol in m.SYMBOLS:
        table.setdefault(symbol, []).append((re.compile(re.escape(symbol)), m.say_symbol))
    return table


RULES = _rule_table()
