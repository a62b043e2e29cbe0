"""Words whose pronunciation hangs on their neighbours: "record", "read", "live", and "the" before a vowel.

A small set of rules with cues of the kind a part-of-speech tagger would give. Pure functions on any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.text.vocabulary import word_set

DETERMINERS = word_set(
    """the a an this that these those my your his her its our their some any no each every another one's such
    which whose first second last next new old good great best own of in on at with from by for"""
)
VERB_CUES = word_set(
    """to will would can could should must may might shall cannot don't doesn't didn't won't can't couldn't
    wouldn't shouldn't i you we they let's please who help helps did do does never i'll you'll we'll they'll
    he'll she'll it'll i'd you'd we'd they'd always usually often"""
)
HAVE = word_set("have has had having i've you've we've they've he's she's haven't hasn't hadn't")
BE = word_set("is are was were be been being am it's that's he's she's i'm you're we're they're isn't aren't")

# word: as a noun or adjective / as a verb. Sources: the alternatives of CMUdict.
_NOUN_VERB_ROWS = """
record: r eh1 k er d / r ih k ao1 r d
object: aa1 b jh eh k t / ax b jh eh1 k t
present: p r eh1 z ax n t / p r iy z eh1 n t
desert: d eh1 z er t / d ih z er1 t
refuse: r eh1 f y uw2 s / r ih f y uw1 z
produce: p r ow1 d uw s / p r ax d uw1 s
project: p r aa1 jh eh k t / p r ax jh eh1 k t
perfect: p er1 f ih2 k t / p er f eh1 k t
permit: p er1 m ih2 t / p er m ih1 t
conduct: k aa1 n d ax k t / k ax n d ah1 k t
conflict: k aa1 n f l ih k t / k ax n f l ih1 k t
contract: k aa1 n t r ae2 k t / k ax n t r ae1 k t
contrast: k aa1 n t r ae s t / k ax n t r ae1 s t
convert: k aa1 n v er t / k ax n v er1 t
convict: k aa1 n v ih k t / k ax n v ih1 k t
export: eh1 k s p ao r t / ih k s p ao1 r t
import: ih1 m p ao2 r t / ih2 m p ao1 r t
increase: ih1 n k r iy2 s / ih2 n k r iy1 s
decrease: d iy1 k r iy2 s / d ih k r iy1 s
insult: ih1 n s ah2 l t / ih2 n s ah1 l t
insert: ih1 n s er2 t / ih2 n s er1 t
progress: p r aa1 g r eh2 s / p r ax g r eh1 s
protest: p r ow1 t eh2 s t / p r ax t eh1 s t
rebel: r eh1 b ax l / r ih b eh1 l
subject: s ah1 b jh ih k t / s ax b jh eh1 k t
suspect: s ah1 s p eh2 k t / s ax s p eh1 k t
transfer: t r ae1 n s f er / t r ae n s f er1
transport: t r ae1 n s p ao r t / t r ae n s p ao1 r t
survey: s er1 v ey2 / s er v ey1
digest: d ay1 jh eh s t / d ay jh eh1 s t
escort: eh1 s k ao r t / eh s k ao1 r t
extract: eh1 k s t r ae2 k t / ih k s t r ae1 k t
compound: k aa1 m p aw n d / k ax m p aw1 n d
combine: k aa1 m b ay n / k ax m b ay1 n
attribute: ae1 t r ax b y uw2 t / ax t r ih1 b y uw2 t
console: k aa1 n s ow l / k ax n s ow1 l
incense: ih1 n s eh2 n s / ih2 n s eh1 n s
defect: d iy1 f eh k t / d ih f eh1 k t
reject: r iy1 jh eh k t / r ih jh eh1 k t
research: r iy1 s er ch / r iy s er1 ch
update: ah1 p d ey2 t / ax p d ey1 t
upgrade: ah1 p g r ey2 d / ax p g r ey1 d
refund: r iy1 f ah2 n d / r ih f ah1 n d
segment: s eh1 g m ax n t / s eh2 g m eh1 n t
torment: t ao1 r m eh2 n t / t ao r m eh1 n t
exploit: eh1 k s p l oy2 t / eh2 k s p l oy1 t
discount: d ih1 s k aw n t / d ih s k aw1 n t
impact: ih1 m p ae k t / ih2 m p ae1 k t
house: hh aw1 s / hh aw1 z
use: y uw1 s / y uw1 z
excuse: ih k s k y uw1 s / ih k s k y uw1 z
abuse: ax b y uw1 s / ax b y uw1 z
advocate: ae1 d v ax k ax t / ae1 d v ax k ey2 t
estimate: eh1 s t ax m ax t / eh1 s t ax m ey2 t
separate: s eh1 p r ax t / s eh1 p er ey2 t
graduate: g r ae1 jh ax w ax t / g r ae1 jh ax w ey2 t
moderate: m aa1 d er ax t / m aa1 d er ey2 t
deliberate: d ih l ih1 b er ax t / d ih l ih1 b er ey2 t
alternate: ao1 l t er n ax t / ao1 l t er n ey2 t
duplicate: d uw1 p l ax k ax t / d uw1 p l ax k ey2 t
associate: ax s ow1 s iy ax t / ax s ow1 s iy ey2 t
delegate: d eh1 l ax g ax t / d eh1 l ax g ey2 t
appropriate: ax p r ow1 p r iy ax t / ax p r ow1 p r iy ey2 t
elaborate: ih l ae1 b r ax t / ih l ae1 b er ey2 t
intimate: ih1 n t ax m ax t / ih1 n t ax m ey2 t
coordinate: k ow ao1 r d ax n ax t / k ow ao1 r d ax n ey2 t
subordinate: s ax b ao1 r d ax n ax t / s ax b ao1 r d ax n ey2 t
"""
_NOUN_VERB = {
    word: tuple(phones.strip() for phones in row.split("/"))
    for word, row in (line.split(":") for line in _NOUN_VERB_ROWS.strip().splitlines())
}
_PREDICATIVE = word_set("present perfect separate moderate deliberate appropriate elaborate intimate")

Rule = Callable[[str, str, Sequence[str]], str]  # word before, word after, the clause -> phones


def _noun_or_verb(word: str, before: str, after: str) -> str:
    noun, verb = _NOUN_VERB[word]
    if before in VERB_CUES and not (
        before in ("to", "you", "do") and word in ("house",) and after in ("", "and")
    ):
        return verb
    if (
        before not in DETERMINERS
        and before not in BE
        and after in ("the", "a", "an", "it", "them", "him", "us", "me")
    ):
        return verb
    return noun


def _plural(word: str, before: str, after: str) -> str | None:
    """records, objects: nouns unless a pronoun or an object says otherwise."""
    noun, verb = _NOUN_VERB[word]
    is_verb = before in ("he", "she", "it", "who", "that", "which") or after in (
        "the",
        "a",
        "an",
        "it",
        "them",
    )
    phones = verb if is_verb and before not in ("the", "a", "of") else noun
    last = phones.split()[-1]
    if last in ("s", "z", "sh", "ch", "jh", "zh"):
        return f"{phones} ih z"
    return f"{phones} {'s' if last in ('p', 't', 'k', 'f', 'th') else 'z'}"


def _read(before: str, after: str, words: Sequence[str]) -> str:
    is_past = (
        before in HAVE or before in BE or {"yesterday", "ago", "already", "once", "had", "last"} & set(words)
    )
    return (
        "r eh1 d" if is_past and before not in ("to", "will", "can", "could", "did", "didn't") else "r iy1 d"
    )


def _lead(before: str, after: str, words: Sequence[str]) -> str:
    metal = {
        "pipe",
        "pipes",
        "paint",
        "poisoning",
        "weight",
        "bullet",
        "bullets",
        "pencil",
        "acid",
        "shield",
        "levels",
    }
    is_metal = after in metal or before in ("of", "contains", "molten", "unleaded", "like") or "tin" in words
    return "l eh1 d" if is_metal else "l iy1 d"


def _live(before: str, after: str, words: Sequence[str]) -> str:
    things = word_set(
        """music show shows concert broadcast stream streaming audience tv television performance event events wire
        wires album coverage chat feed recording action ammunition bait band data demo demonstration report session
        sessions video update updates now on"""
    )
    is_adjective = after in things or (before in BE and after in ("", "from", "and", "now"))
    is_adjective = is_adjective or before in (
        "go",
        "going",
        "went",
        "goes",
        "broadcast",
        "performed",
        "streamed",
        "a",
    )
    return "l ay1 v" if is_adjective and not (after == "on" and before not in BE) else "l ih1 v"


def _lives(before: str, after: str, words: Sequence[str]) -> str:
    is_noun = before in DETERMINERS or before in (
        "nine",
        "many",
        "save",
        "saved",
        "saves",
        "lost",
        "both",
        "people's",
    )
    return "l ay1 v z" if is_noun else "l ih1 v z"


def _wind(before: str, after: str, words: Sequence[str]) -> str:
    is_verb = before in VERB_CUES or (after in ("up", "your", "around") and before not in DETERMINERS)
    return "w ay1 n d" if is_verb and before not in ("never",) else "w ih1 n d"


def _tear(before: str, after: str, words: Sequence[str]) -> str:
    is_eye = after in ("gas", "drop", "drops", "duct", "ducts", "rolled", "fell", "ran", "slid", "stained")
    return (
        "t ih1 r"
        if is_eye or (before in ("single", "shed", "my", "her", "his") and after != "up")
        else "t eh1 r"
    )


def _tears(before: str, after: str, words: Sequence[str]) -> str:
    is_verb = before in ("he", "she", "it", "who", "that") or after in ("up", "apart", "down", "the")
    return "t eh1 r z" if is_verb else "t ih1 r z"


def _bow(before: str, after: str, words: Sequence[str]) -> str:
    is_weapon = after in ("and", "tie", "ties", "string", "hunting", "hunter") or {
        "arrow",
        "arrows",
        "violin",
        "ribbon",
    } & set(words)
    return "b ow1" if is_weapon or before in ("rain", "long", "cross", "hair") else "b aw1"


def _close(before: str, after: str, words: Sequence[str]) -> str:
    after_near = word_set("to by friend friends enough call together range proximity relative look second")
    degree = word_set("very so too how as quite really pretty extremely that get got getting come came stay")
    is_near = before in degree or (after in after_near and before not in VERB_CUES)
    is_near = is_near or (before in BE and after in ("", "to", "and")) or after == "friend"
    if after in ("the", "your", "this", "it", "my", "that", "all"):
        return "k l ow1 z"
    return "k l ow1 s" if is_near else "k l ow1 z"


def _used(before: str, after: str, words: Sequence[str]) -> str:
    is_habit = after == "to" and (
        before in VERB_CUES or before in BE or before in ("he", "she", "it", "get", "getting", "got", "there")
    )
    return "y uw1 s t" if is_habit else "y uw1 z d"


def _uses(before: str, after: str, words: Sequence[str]) -> str:
    return (
        "y uw1 s ih z"
        if before in DETERMINERS or before in ("many", "several") or after == "of"
        else "y uw1 z ih z"
    )


def _minute(before: str, after: str, words: Sequence[str]) -> str:
    small = {
        "amount",
        "amounts",
        "details",
        "detail",
        "particles",
        "difference",
        "differences",
        "quantities",
        "changes",
    }
    return "m ay n uw1 t" if after in small else "m ih1 n ax t"


def _content(before: str, after: str, words: Sequence[str]) -> str:
    is_happy = (before in BE and after in ("", "with", "to", "and")) or before in (
        "very",
        "quite",
        "perfectly",
        "feel",
    )
    return "k ax n t eh1 n t" if is_happy else "k aa1 n t eh n t"


def _wound(before: str, after: str, words: Sequence[str]) -> str:
    is_turned = after in ("up", "around", "down", "its", "through", "tightly") and before not in DETERMINERS
    return "w aw1 n d" if is_turned else "w uw1 n d"


def _bass(before: str, after: str, words: Sequence[str]) -> str:
    is_fish = {
        "fish",
        "fishing",
        "lake",
        "river",
        "sea",
        "caught",
        "catch",
        "striped",
        "grilled",
        "trout",
    } & set(words)
    return "b ae1 s" if is_fish else "b ey1 s"


def _dove(before: str, after: str, words: Sequence[str]) -> str:
    is_dive = after in ("into", "in", "off", "under", "for", "down", "deep") and before not in (
        "a",
        "the",
        "white",
    )
    return "d ow1 v" if is_dive else "d ah1 v"


def _sow(before: str, after: str, words: Sequence[str]) -> str:
    return "s aw1" if before in ("a", "the", "mother") else "s ow1"


def _resume(before: str, after: str, words: Sequence[str]) -> str:
    return "r eh1 z ax m ey2" if before in DETERMINERS and after not in ("the",) else "r ih z uw1 m"


def _invalid(before: str, after: str, words: Sequence[str]) -> str:
    return (
        "ih1 n v ax l ax d"
        if before in ("an", "the") and after in ("", "who", "and")
        else "ih2 n v ae1 l ax d"
    )


def _address(before: str, after: str, words: Sequence[str]) -> str:
    return "ax d r eh1 s" if _is_verb_place(before, after) else "ae1 d r eh2 s"


def _is_verb_place(before: str, after: str) -> bool:
    return before in VERB_CUES or (
        before not in DETERMINERS and after in ("the", "this", "these", "a", "it", "them")
    )


_RULES: dict[str, Rule] = {
    "read": _read, "lead": _lead, "live": _live, "lives": _lives, "wind": _wind, "tear": _tear, "tears": _tears,
    "bow": _bow, "close": _close, "used": _used, "uses": _uses, "minute": _minute, "content": _content,
    "wound": _wound, "bass": _bass, "dove": _dove, "sow": _sow, "resume": _resume, "invalid": _invalid,
    "address": _address, "does": lambda *_: "d ah1 z", "polish": lambda *_: "p aa1 l ih sh",
}  # fmt: skip
HOMOGRAPHS = frozenset((*_RULES, *_NOUN_VERB, *(f"{word}s" for word in _NOUN_VERB))) - {"does", "polish"}


def pronunciation(words: Sequence[str], index: int) -> str | None:
    """Phones ("r iy1 d") of a word that has several pronunciations, chosen from its clause; None for any other."""
    word = words[index]
    before = words[index - 1] if index else ""
    after = words[index + 1] if index + 1 < len(words) else ""
    if word in _RULES:
        return _RULES[word](before, after, words)
    if word in _NOUN_VERB:
        if before in BE and word in _PREDICATIVE:
            return _NOUN_VERB[word][0]
        return _noun_or_verb(word, before, after)
    if word.endswith("s") and word[:-1] in _NOUN_VERB:
        return _plural(word[:-1], before, after)
    return None
