"""Lists, such as for shopping: things put on, read, taken off. Runs on the dialogue thread."""

from __future__ import annotations

import re

from engine.dialogue.addressing import as_written, yours
from engine.dialogue.phrasing import DROP, PUT, Phrases, slot
from engine.dialogue.plan import AddToList, DropFromList, Plan, Situation
from engine.dialogue.utterance import Utterance

MOST_ITEMS = 500
LONGEST_ITEM = 200

_NAMING = r"(?!(?:my|the|a|our|on|to|from|off|in|left|with) )[a-z0-9]+"
_NAME = {"name": rf"(?:to do|{_NAMING}(?: {_NAMING}){{0,3}})"}
_WHOSE = "[my | the | our | a]"
_ADD = Phrases(
    f"""
    {PUT} <items:text> (to | on | onto | in) {_WHOSE} <list:name> list
    {PUT} <items:text> (to | on | onto) {_WHOSE} (list | groceries | shopping | todos)
    (i am | we are) [all] (out of | running out of | low on | running low on) <items:text> {PUT} (it | them | that | \
        those) (to | on | onto) {_WHOSE} [<list:name>] list
    (make | create | start | begin | write) [me] [a | another] [new] <list:name> list (with | of | for) <items:text>
    (i | we) need to buy [some | more] <items:text>
    (i | we) need [some | more] <items:text> from the (shop | store | supermarket)
    add to {_WHOSE} <list:name> list <items:text>
    (we | i) need [some | more] <items:text> on {_WHOSE} <list:name> list
    {_WHOSE} <list:name> list add <items:text>
""",
    _NAME,
)
_ADD_WHAT = Phrases(f"(add | put) [something] (to | on) {_WHOSE} [<list:name>] list", _NAME)
_READ = Phrases(
    f"""
    (what is | what do i have | what are the things | what have i got | what items are \
        | what is left | what is still | what else is) on {_WHOSE} [<list:name>] list
    (read | show | tell | give | open | list) [me] [out] {_WHOSE} [<list:name>] list [to me | out]
    what (does | is) {_WHOSE} [<list:name>] list [say | contain]
    what (do | should | must) (i | we) [need to | have to] (buy | get | pick up) [from the (shop | store | \
        supermarket)]
    what do (i | we) need from the (shop | store | supermarket)
    what (is | do i have) to do [today]
    {_WHOSE} <list:name> list
""",
    _NAME,
)
_HAS = Phrases(
    f"""
    [is | is there] <any:any> on {_WHOSE} [<list:name>] list
    (is | are) [there] <item:text> on {_WHOSE} [<list:name>] list
    (do | have) (i | we) (have | got) <item:text> on {_WHOSE} [<list:name>] list
    do (i | we) need [to buy | to get | any | some | more] <needed:text>
    (did i | have i) (put | add) <item:text> (on | to) {_WHOSE} [<list:name>] list
""",
    _NAME | {"any": "anything|something"},
)
_COUNT = Phrases(
    f"how many (things | items | entries) (are | do i have) [there] on {_WHOSE} [<list:name>] list", _NAME
)
_REMOVE = Phrases(
    f"""
    ({DROP} | take | cross | strike | tick | check) [off] <item:text> (from | off | \
        off of | out of) {_WHOSE} [<list:name>] list
    (cross | tick | check) off <item:text> [on {_WHOSE} [<list:name>] list]
    (cross | tick | check | strike) <item:text> off
    (i | we) (got | have | bought | have got) <item:text> (cross | tick | check | strike | take) \
        (it | them | that) off [{_WHOSE} [<list:name>] list]
""",
    _NAME,
)
_CLEAR = Phrases(
    f"""
    ({DROP} | empty | wipe) {_WHOSE} [whole | entire] [<list:name>] list
    (clear | empty | remove | delete) everything (from | on | off) {_WHOSE} [<list:name>] list
    (start | begin) a new <list:name> list
""",
    _NAME,
)
_WHICH = Phrases("""
    (what | which) lists (do i have | are there | have i got)
    (show | list | read) [me] [all] [the | my] lists
    (my lists | lists)
""")
_MAKE = Phrases(
    "(make | create | start | begin) [me] [a | new | another] [new] [<list:name>] list [called <title:name>]",
    _NAME,
)
_ANY_LIST = re.compile(
    r"\blists?\b|groceries|need to buy|to do\b|(?:to|on|onto) (?:the |my |our )?shopping|do (?:i|we) need"
    r"|from the (?:shop|store|supermarket)"
    r"|(?:cross|tick|check|strike|take)\b.* off\b|(?:should|must) (?:i|we) (?:buy|get)"
)


class ListsSkill:
    """Shopping, to do, and whatever else the user calls a list."""

    name = "lists"
    examples = (
        "Add milk to my shopping list.",
        "What's on my shopping list?",
        "Remove milk from my shopping list.",
    )
    spoken = (
        "add <thing> to (my | the) <list> list",
        "add <thing> and <thing> to (my | the) <list> list",
        "put <thing> on (my | the) <list> list",
        "what's on my <list> list",
        "what is on my <list> list",
        "read my <list> list",
        "remove <thing> from (my | the) <list> list",
        "clear my <list> list",
    )
    prefixes = ("add", "put")

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """Something about a list."""
        words = heard.words
        if not _ANY_LIST.search(words):
            return None
        for phrases, act in (
            (_ADD_WHAT, _add_what),
            (_ADD, _add),
            (_WHICH, _which),
            (_HAS, _has),
            (_COUNT, _count),
            (_REMOVE, _remove),
            (_CLEAR, _clear),
            (_MAKE, _make),
            (_READ, _read),
        ):
            if found := phrases.match(words):
                return act(found, heard, situation) if situation.memory else Plan(situation.why_no_memory)
        return None


def _name(found: re.Match[str]) -> str:
    """The list that is meant; shopping where none is named."""
    name = slot(found, "list").strip() or slot(found, "title").strip()
    if "to do" in found[0] and not name:
        return "to do"
    name = {
        "grocery": "shopping",
        "groceries": "shopping",
        "todo": "to do",
        "task": "to do",
        "tasks": "to do",
    }.get(name, name)
    return name or "shopping"


def _items(text: str, heard: Utterance) -> tuple[str, ...]:
    """Things in the user's own spelling, one by one: commas part them, "and" too."""
    written = as_written(text.strip(), heard)
    parts = re.split(r"\s*[,;]\s*(?:and\s+)?|\s+and\s+", written)
    cleaned = (
        re.sub(r"^(?:some|more|also)\s+", "", part.strip(" .!?"), flags=re.IGNORECASE) for part in parts
    )
    return tuple(part[:LONGEST_ITEM] for part in cleaned if part)


def _and(items: tuple[str, ...]) -> str:
    shown = [yours(item) for item in items]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _on(name: str, situation: Situation) -> tuple[str, ...]:
    assert situation.memory is not None, "asked before"
    return situation.memory.list_items(name)


def _add_what(found: re.Match[str], heard: Utterance, situation: Situation) -> Plan:
    return Plan(f"What shall I add? Say, for instance: add milk to my {_name(found)} list.")


def _add(found: re.Match[str], heard: Utterance, situation: Situation) -> Plan:
    name, items = _name(found), _items(found["items"], heard)
    if not items:
        return _add_what(found, heard, situation)
    if len(_on(name, situation)) + len(items) > MOST_ITEMS:
        return Plan(f"Your {name} list is full, with {MOST_ITEMS} things. Take some off first.")
    there = {item.lower() for item in _on(name, situation)}
    new = tuple(item for item in items if item.lower() not in there)
    if not new:
        return Plan(
            f"{_and(items).capitalize()} {'is' if len(items) == 1 else 'are'} on your {name} list already."
        )
    return Plan(f"Added {_and(new)} to your {name} list.", (AddToList(name, new),))


def _which(found: re.Match[str], heard: Utterance, situation: Situation) -> Plan:
    assert situation.memory is not None, "asked before"
    names = situation.memory.list_names()
    return Plan(f"Your lists: {_and(names)}." if names else "There are no lists.")


def _read(found: re.Match[str], heard: Utterance, situation: Situation) -> Plan:
    name = _name(found)
    items = _on(name, situation)
    if not items:
        return Plan(f"Your {name} list is empty.")
    more = f", and {len(items) - 12} more" if len(items) > 12 else ""
    return Plan(f"On your {name} list: {_and(items) if not more else ', '.join(items[:12]) + more}.")


def _has(found: re.Match[str], heard: Utterance, situation: Situation) -> Plan | None:
    if slot(found, "any"):
        return _read(found, heard, situation)
    text = slot(found, "item") or slot(found, "needed")
    name, item = _name(found), re.sub(r"^(?:any|some) ", "", text.strip())
    there = [one for one in _on(name, situation) if item in one.lower()]
    if slot(found, "needed") and not there:
        return None  # who knows what else may be needed for what
    return Plan(
        f"Yes, {there[0]} is on your {name} list." if there else f"No, {item} is not on your {name} list."
    )


def _count(found: re.Match[str], heard: Utterance, situation: Situation) -> Plan:
    count = len(_on(_name(found), situation))
    return Plan(
        f"{count} thing{'' if count == 1 else 's'} {'is' if count == 1 else 'are'} on your {_name(found)} list."
    )


def _remove(found: re.Match[str], heard: Utterance, situation: Situation) -> Plan | None:
    name, wanted = _name(found), _items(found["item"], heard)
    if wanted and wanted[0].lower() in ("everything", "all", "all items"):
        return _clear(found, heard, situation)
    there = _on(name, situation)
    gone = tuple(
        one for one in there if one.lower() in {item.lower().removeprefix("the ") for item in wanted}
    )
    if not gone and "list" not in found[0]:
        return None  # something else may be meant
    if not gone:
        return Plan(
            f"{_and(wanted).capitalize()} is not on your {name} list." if wanted else "What shall go?"
        )
    return Plan(f"Removed {_and(gone)} from your {name} list.", (DropFromList(name, gone),))


def _clear(found: re.Match[str], heard: Utterance, situation: Situation) -> Plan:
    name = _name(found)
    count = len(_on(name, situation))
    if not count:
        return Plan(f"Your {name} list is empty.")
    return Plan(
        f"Cleared your {name} list of {count} thing{'' if count == 1 else 's'}.", (DropFromList(name, None),)
    )


def _make(found: re.Match[str], heard: Utterance, situation: Situation) -> Plan:
    name = _name(found)
    if _on(name, situation):
        return Plan(f"You have a {name} list already. Say what to add to it.")
    return Plan(f"Say what to put on it, for instance: add socks to my {name} list.")
