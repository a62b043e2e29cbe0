"""What the user wants remembered, and asks for later. Runs on the dialogue thread."""

from __future__ import annotations

import re

from engine.dialogue.addressing import yours
from engine.dialogue.moments import told_date
from engine.dialogue.phrasing import Phrases, slot
from engine.dialogue.plan import Fact, Forget, Plan, Remember, Situation
from engine.dialogue.skills.notes import taken
from engine.dialogue.utterance import Utterance

LONGEST_FACT = 1000
MOST_FACTS = 2000

_REMEMBER = re.compile(
    r"(?:please |could you |can you |i want you to |also )*(?:remember|keep in mind"
    r"|do not forget|don't forget|don’t forget|memori[sz]e|save)"
    r"(?: this| it)?(?:\s*[:,]\s*|\s+)(?:that\s+)?",
    re.IGNORECASE,
)
_TO = re.compile(r"to\s+", re.IGNORECASE)
_MY_IS = re.compile(
    r"(?P<whose>my|our|the)\s+(?P<subject>[\w'’ -]{1,60}?)\s+(?P<verb>is|are|was|were)\s+(?P<text>.+)",
    re.IGNORECASE | re.DOTALL,
)
_MY_PLAIN = re.compile(
    r"my\s+(?:[\w'’]+\s+){0,4}?(?:name|birthday|anniversary|address|phone number|number|email"
    r"|favou?rite [\w ]+?|password|pin"
    r"|code|size|doctor|dentist|boss|wife|husband|partner|brother|sister|mother|father|mum|mom|dad"
    r"|cat|dog|car|job|hobby|team)\s+(?:is|are)\s+\S.*",
    re.IGNORECASE,
)
_CALL_ME = re.compile(
    r"(?:call me|my name is|i am called|my name's)\s+(?P<name>[^\W\d][\w'’ -]{0,40})$", re.IGNORECASE
)
_ASK = Phrases("""
    (what is | what was | what are | who is | who are | when is | where is | where are | which is) (my | \
        our) <subject:text>
    (do you know | do you remember) [what | who | when | where] [is] (my | our) <subject:text> [is | are]
    (what | who | when | where) (my | our) <subject:text> (is | are)
    (say | recall) my <subject:text>
""")
_ASK_OF = Phrases(
    """
    what (is | was) the <kind:kind> of my <subject:text>
    when is the <kind:kind> of my <subject:text>
""",
    {"kind": "name|number|address|birthday|age|anniversary"},
)
_CALLED = Phrases("""
    (what is | what are) (my | our) <subject:text> (called | named)
    what (do i | did i) call (my | our) <subject:text>
    what does my <subject:text> go by
""")
_ASK_THE = Phrases("""
    (what is | who is | when is | where is | where are | what are) the <subject:text>
""")
_WHERE_DID = Phrases("""
    what did i (say | tell you) about <about:text>
    when did i (say | mention | talk about) [something about] <about:text>
    what did i (tell | ask) you (about | to remember about) <about:text>
    what do you (know | remember) about [the | my] <about:text>
    do you remember [anything about | what i said about | that] <about:text>
    what have i told you about <about:text>
    (where | when | what | who | how) (did | do | have | am | should) i <text>
    [do you remember] where i <text>
""")
_ALL = Phrases("""
    what (do | can) you (know | remember) [about me]
    what have i told you [about me | to remember]
    what did i (tell | ask) you to remember
    what do you remember [for me]
    (list | tell | show) [me] [all] [the] things (you remember | i told you) [to remember]
    (show | read | list) [me] [my | the | your] (memories | memory | facts)
""")
_NAME = Phrases("""
    (who am i | do you know me | do you know who i am | what am i called | say my name)
""")
_FORGET = Phrases("""
    (forget | delete | erase) [that | about] (my | our | the) <subject:text>
    (forget | delete | erase) what i (told you | said) about [my | the] <subject:text>
    do not remember my <subject:text>
    forget that <subject:text>
""")
_FORGET_ALL = Phrases("""
    forget (everything | all) [you know] [about me] [that i told you]
    (delete | erase | clear) [all] [your | my] (memories | memory | facts)
    forget me
""")
_YES_FORGET_ALL = Phrases("""
    yes [please] forget everything [about me]
""")
_PLACING = frozenset(
    "leave left put place placed park parked keep kept store stored hide hid hidden lay laid stash stashed set".split()
)
"""Ways to have left a thing: who asks where it is may use another one than who told it."""

_SMALL = frozenset(
    "you a an the my your our i you to of in on at is are was were it that this me and do did am about".split()
)


class FactsSkill:
    """A memory that the user fills, sees and empties."""

    name = "memory"
    examples = (
        "Remember that my sister's name is Anna.",
        "What is my sister's name?",
        "What do you remember?",
    )
    spoken = (
        "what is my name",
        "what's my name",
        "who am i",
        "what do you remember",
        "what do you know about me",
        "what's my (birthday | address | phone number)",
        "when is my birthday",
        "forget everything",
        "yes forget everything",
    )
    prefixes = (
        "remember that",
        "remember",
        "my name is",
        "call me",
        "what is my",
        "where is my",
        "where are my",
        "forget my",
        "where did i",
    )

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """Something to remember, recall or forget."""
        words = re.sub(r"^do you (?:remember|recall|know) (?=(?:what|where|when|who) )", "", heard.words)
        if (kept := self._kept(heard, situation)) is not None:
            return kept
        if _NAME.match(words):
            return self._recalled("name", True, situation)
        if asked := _CALLED.match(words):
            return self._called(_subject(asked["subject"]), situation)
        if (asked := _ASK.match(words)) and _content(asked["subject"]):
            return self._recalled(_subject(asked["subject"]), True, situation)
        if asked := _ASK_OF.match(words):
            own, known = f"{_subject(asked['subject'])}s {asked['kind']}", _subjects(situation)
            subject = own if own in known or asked["kind"] != "name" else _subject(asked["subject"])
            return self._recalled(subject, True, situation)
        if asked := _ASK_THE.match(words):
            return self._recalled(_subject(asked["subject"]), False, situation)
        if _ALL.match(words):
            return self._everything(situation)
        if found := _WHERE_DID.match(words):
            about = slot(found, "about")
            where = slot(found, "text")
            if words.startswith("where "):
                what = " ".join(word for word in where.split() if word not in _PLACING)
                where = what if _content(what) else where
            return self._found(about or where, bool(about), situation)
        if _YES_FORGET_ALL.match(words) or _FORGET_ALL.match(words):
            return self._forget_all(bool(_YES_FORGET_ALL.match(words)), situation)
        if found := _FORGET.match(words):
            return self._forget(_subject(found["subject"]), situation)
        return None

    def _kept(self, heard: Utterance, situation: Situation) -> Plan | None:
        """The plan for something that is to be remembered."""
        if named := _CALL_ME.match(heard.raw.rstrip(".! ")):
            name = named["name"].strip()
            return _remember("name", name, f"Hello, {name}. I'll remember your name.", situation)
        text = heard.tail(_REMEMBER)
        if text is None:
            text = heard.raw if _MY_PLAIN.fullmatch(heard.raw.rstrip(".! ")) else None
        if text is None:
            return None
        text = text.rstrip(" .!")
        if _TO.match(text):
            return taken(_TO.sub("", text, count=1), situation)
        if not text or text.lower() in ("me", "this", "that", "it"):
            return Plan("What shall I remember? Say, for instance: remember that my sister's name is Anna.")
        if "?" in text or re.match(r"(?:what|when|where|who|how|if|me\b)", text, re.IGNORECASE):
            return None
        if found := _MY_IS.fullmatch(text):
            about = f"{_whose(found['whose'])} {found['subject']} {found['verb'].lower()}"
            said = f"I'll remember that {about} {yours(found['text'])}."
            return _remember(_subject(found["subject"]), found["text"], said, situation)
        return _remember("", text, f"I'll remember that {yours(text)}.", situation)

    def _recalled(self, subject: str, is_mine: bool, situation: Situation) -> Plan | None:
        if situation.memory is None:
            return Plan(situation.why_no_memory) if is_mine else None
        facts = situation.memory.facts()
        for fact in reversed(facts):
            if fact.subject == subject:
                return Plan(told_fact(fact))
        several = len(_content(subject)) > 1  # "name" alone is not to find the dog's
        near = [fact for fact in facts if (several or not fact.subject) and _mentions(fact, subject)]
        if near:
            return Plan(told_fact(near[-1]), certain=is_mine)
        if not is_mine:
            return None
        return Plan(f"I don't know. Say: remember that my {subject} is, and then what it is.")

    def _called(self, subject: str, situation: Situation) -> Plan | None:
        """The name of something, which is told as "my cat's name is Tom" or as "my cat is called Tom"."""
        known = _subjects(situation)
        name = next((key for key in (f"{subject}s name", subject) if key in known), f"{subject}s name")
        return self._recalled(name, True, situation)

    def _found(self, words: str, is_about: bool, situation: Situation) -> Plan | None:
        if situation.memory is None:
            return Plan(situation.why_no_memory) if is_about else None
        near = [fact for fact in situation.memory.facts() if _mentions(fact, words)]
        if near:
            return Plan(" ".join(told_fact(fact) for fact in near[-3:]))
        if not is_about:
            return None
        said = situation.memory.said_about(words, 2)
        before = [(text, at) for text, at in said if words not in ("me",) and not text.rstrip().endswith("?")]
        if not before:
            return Plan(f"I remember nothing about {yours(words)}.", certain=False)
        text, at = before[0]
        return Plan(f"On {told_date(at.date(), situation.now.date())} you said: {text}")

    def _everything(self, situation: Situation) -> Plan:
        if situation.memory is None:
            return Plan(situation.why_no_memory)
        facts = situation.memory.facts()
        if not facts:
            return Plan("You have not told me anything to remember yet.")
        head = "" if len(facts) <= 5 else f"{len(facts)} things. The last five: "
        return Plan(head + " ".join(told_fact(fact) for fact in facts[-5:]))

    def _forget(self, subject: str, situation: Situation) -> Plan | None:
        if situation.memory is None:
            return Plan(situation.why_no_memory)
        facts = situation.memory.facts()
        chosen = [fact for fact in facts if fact.subject == subject] or [
            f for f in facts if _mentions(f, subject)
        ]
        if not chosen:
            return Plan(f"I remember nothing about {yours(subject)}.")
        if len(chosen) > 1:
            return Plan(
                f"I remember {len(chosen)} things about that: {' '.join(told_fact(fact) for fact in chosen[:3])}"
            )
        return Plan(f"Forgotten: {told_fact(chosen[0])}", (Forget((chosen[0].number,)),))

    def _forget_all(self, sure: bool, situation: Situation) -> Plan:
        if situation.memory is None:
            return Plan(situation.why_no_memory)
        facts = situation.memory.facts()
        if not facts:
            return Plan("There is nothing to forget.")
        things = "1 thing" if len(facts) == 1 else f"{len(facts)} things"
        if not sure:
            return Plan(f"I remember {things}. If they shall go, say: yes, forget everything.")
        return Plan(f"I have forgotten {things}.", (Forget(tuple(fact.number for fact in facts)),))


def _remember(subject: str, text: str, said: str, situation: Situation) -> Plan:
    if situation.memory is None:
        return Plan(situation.why_no_memory)
    if len(text) > LONGEST_FACT:
        return Plan(f"That is too long to remember, with {len(text):,} letters. Take it as a note in parts.")
    if len(situation.memory.facts()) >= MOST_FACTS:
        return Plan(f"I remember {MOST_FACTS:,} things already. Tell me to forget some first.")
    return Plan(said, (Remember(subject, text),))


def _subjects(situation: Situation) -> frozenset[str]:
    """Whatever there is a fact about."""
    return frozenset(fact.subject for fact in situation.memory.facts()) if situation.memory else frozenset()


def _whose(word: str) -> str:
    return {"my": "your", "our": "your"}.get(word.lower(), "the")


def _subject(text: str) -> str:
    """How a subject is compared: lower case, without owner, possessive signs or American spelling."""
    plain = re.sub(r"['’]", "", text.lower()).strip()
    return (
        re.sub(r"^(?:my|our|the) ", "", plain)
        .replace("favorite", "favourite")
        .replace("phone number", "number")
    )


def told_fact(fact: Fact) -> str:
    """A fact in a sentence to the user."""
    if not fact.subject:
        said = yours(fact.text)
        return f"{said[:1].upper()}{said[1:]}."
    verb = (
        "are"
        if re.search(r"[^s]s$", fact.subject) and not re.search(r"(address|boss|glass)$", fact.subject)
        else "is"
    )
    subject = re.sub(
        r"\b(sister|brother|mother|father|mum|mom|dad|wife|husband|partner|son|daughter|friend|boss|dog|cat)s (?=\w)",
        r"\1's ",
        fact.subject,
    )
    return f"Your {subject} {verb} {yours(fact.text).rstrip('.')}."


def _mentions(fact: Fact, words: str) -> bool:
    """Whether every word that says something is in the fact, endings aside ("parked" finds "park")."""
    there = {_stem(word) for word in re.findall(r"\w+", f"{fact.subject} {fact.text}".lower())}
    wanted = _content(words)
    return bool(wanted) and wanted <= there


def _content(words: str) -> set[str]:
    """The stems of the words that say something."""
    return {_stem(word) for word in re.findall(r"\w+", words.lower()) if word not in _SMALL}


def _stem(word: str) -> str:
    return (
        re.sub(r"(?:ing|ed|es|s)$", "", word)
        if len(word) > 4
        else word.rstrip("s")
        if len(word) > 3
        else word
    )
