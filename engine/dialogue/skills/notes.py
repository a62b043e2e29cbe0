"""Notes: taken, read, found, deleted. Runs on the dialogue thread."""

from __future__ import annotations

import re
from datetime import datetime

from engine.dialogue.addressing import yours
from engine.dialogue.moments import told_date
from engine.dialogue.phrasing import DROP, Phrases, slot
from engine.dialogue.plan import AddNote, DropNotes, Memory, Note, Plan, Situation
from engine.dialogue.utterance import Utterance

LONGEST_NOTE = 10_000
"""Characters; some ten minutes of speech."""

_MOST_READ = 5

TAKE = re.compile(
    r"(?:please |could you |can you |i want to |i would like to )?"
    r"(?:(?:take|make|add|write|create|save|leave)(?: down)? (?:a|another|new|a new|this|the)? ?"
    r"(?:quick |new )?(?:note|memo)\b(?: down)?"
    r"(?: for me)?(?: saying)?(?: that| to| of| about)?"
    r"|(?:new )?(?:note|memo)(?: to self)?(?: that| down(?: that)?)?(?=[\s:,])"
    r"|(?:write|jot|scribble|note) (?:this |that |it )?down(?: that)?"
    r"|(?:take|put|get) (?:this|that) down(?: that)?)\s*[:,\-–—]?\s*",
    re.IGNORECASE,
)
_BARE = Phrases("""
    [take | make | add | write | create | leave | save] [a | new | another] [quick | new] (note | memo) [for me]
    write [this | something] down
    remember to
""")
_READ = Phrases("""
    (read | show | list | tell | what are | give me | open | play) [me] [out] [all] [of] [the | my] notes \
        [to me | out]
    what [notes] (do i have | have i got) [in my notes | noted | written down | on my notes]
    what notes (are there | have i taken | did i take)
    what (did i | have i) (note | noted | write down | written down | jot down | jotted down | scribble down)
    what is in my notes
    (my notes | notes | any notes)
    do i have [any] notes
    are there [any] notes
""")
_COUNT = Phrases("""
    how many notes (do i have | are there | have i got)
""")
_LAST = Phrases("""
    (read | show | tell | what is | what was) [me] [the | my] (last | latest | newest | most recent) note [again]
    what (was | is) the last (thing i (noted | wrote [down] | jotted down | took down) | note i (took | made | wrote))
""")
_ABOUT = Phrases("""
    (find | search | read | show | look for) [me] [for] [the | my | all] [my] (note | notes) (about | for | \
        with | on | mentioning | containing) <text>
    search my notes for <text>
    (do i have | is there | are there) [a | any] (note | notes) (about | on | mentioning) <text>
    what did i (note | write down | write | jot down) about <text>
    [any | my | the] notes (about | on | mentioning | for) <text>
    (do | does) [any of] my notes (say | mention | have | contain) [something | anything] [about | on] <text>
    is there (anything | something) about <text> in my notes
    (anything | something) about <text> in my notes
""")
_DELETE = Phrases(f"""
    ({DROP} | forget) [the | my] (last | latest | newest) note
    {DROP} [the | my] note [number] <n:number>
    {DROP} [the | my] [all] notes
    {DROP} all [of] [the | my] notes
    {DROP} [the | my] note (about | on | that says | saying) <text>
""")
_DELETE_ALL = Phrases("""
    yes [please] (delete | remove | erase) all [the | my] notes
""")


class NotesSkill:
    """What the user wants written down."""

    name = "notes"
    examples = ("Take a note: the key is under the mat.", "Read my notes.", "Delete my last note.")
    spoken = (
        "read my notes",
        "what are my notes",
        "read my last note",
        "how many notes do I have",
        "delete my last note",
        "delete all notes",
        "yes delete all notes",
    )
    prefixes = ("take a note", "make a note", "note that", "write down")

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """A note taken, or something about notes."""
        text = heard.figures
        about = any(
            word in heard.raw[:200].lower()
            for word in ("note", "memo", "write", "wrote", "written", "jot", "scribbl", " down")
        )
        if not about:
            return None
        if _BARE.match(text):
            return Plan("What shall I write down? Say: take a note, and then the words.")
        if (body := _about_notes(text, situation)) is not None:
            return body
        note = heard.tail(TAKE)
        if note is None:
            return None
        return taken(note, situation)


def taken(note: str, situation: Situation) -> Plan:
    """The plan to keep a note."""
    if situation.memory is None:
        return Plan(situation.why_no_memory)
    if not note:
        return Plan("What shall I write down? Say: take a note, and then the words.")
    if len(note) > LONGEST_NOTE:
        return Plan(
            f"That note is too long, with {len(note):,} letters. I can keep notes of up to {LONGEST_NOTE:,};"
            " split it into several."
        )
    short = yours(note) if len(note) <= 80 else f"{len(note.split())} words"
    return Plan(f"Noted: {short.rstrip('.')}.", (AddNote(note, situation.now),))


def _about_notes(text: str, situation: Situation) -> Plan | None:
    """Reading, finding, counting and deleting."""
    asked = [phrases.match(text) for phrases in (_READ, _COUNT, _LAST, _ABOUT, _DELETE, _DELETE_ALL)]
    if not any(asked):
        return None
    if situation.memory is None:
        return Plan(situation.why_no_memory)
    read, count, last, about, delete, delete_all = asked
    notes = situation.memory.notes()
    if not notes:
        return Plan("There are no notes.")
    if count:
        return Plan("There is 1 note." if len(notes) == 1 else f"There are {len(notes)} notes.")
    if last:
        return Plan(_told(notes[-1], situation))
    if read:
        return _read(notes, situation)
    if about:
        return _found(about["text"].strip(), situation.memory, situation)
    if delete_all:
        return Plan(f"Deleted all {len(notes)} notes.", (DropNotes(tuple(note.number for note in notes)),))
    assert delete, "one of them matched"
    return _deleted(delete, notes)


def _read(notes: tuple[Note, ...], situation: Situation) -> Plan:
    newest = notes[-_MOST_READ:][::-1]
    if len(notes) == 1:
        return Plan(f"One note. {_told(notes[0], situation)}")
    head = (
        f"{len(notes)} notes." if len(notes) <= _MOST_READ else f"{len(notes)} notes. The last {_MOST_READ}:"
    )
    return Plan(" ".join((head, *(_told(note, situation) for note in newest))))


def _told(note: Note, situation: Situation) -> str:
    day = datetime.fromisoformat(note.at).date()
    ago = (situation.now.date() - day).days
    when = {0: "Today", 1: "Yesterday"}.get(ago, told_date(day, situation.now.date()))
    return f"{when}: {yours(note.text).rstrip('.')}."


def _found(words: str, memory: Memory, situation: Situation) -> Plan:
    wanted = re.findall(r"\w+", words.lower())
    found = [note for note in memory.notes() if all(word in note.text.lower() for word in wanted)]
    if not found:
        return Plan(f"There is no note about {words}.")
    return Plan(" ".join(_told(note, situation) for note in found[-_MOST_READ:][::-1]))


def _deleted(found: re.Match[str], notes: tuple[Note, ...]) -> Plan:
    if number := slot(found, "n"):
        place = int(float(number))
        if not 1 <= place <= len(notes):
            return Plan(f"There is no note number {place}; there are {len(notes)}.")
        return Plan(
            f"Deleted: {yours(notes[place - 1].text)[:80]}.", (DropNotes((notes[place - 1].number,)),)
        )
    if words := slot(found, "text"):
        wanted = re.findall(r"\w+", words.lower())
        chosen = [note for note in notes if all(word in note.text.lower() for word in wanted)]
        if len(chosen) != 1:
            return Plan(f"There {'is no note' if not chosen else f'are {len(chosen)} notes'} about {words}.")
        return Plan(f"Deleted: {yours(chosen[0].text)[:80]}.", (DropNotes((chosen[0].number,)),))
    if re.search(r"last|latest|newest", found[0]):
        return Plan(f"Deleted: {yours(notes[-1].text)[:80]}.", (DropNotes((notes[-1].number,)),))
    if len(notes) == 1:
        return Plan(f"Deleted: {yours(notes[0].text)[:80]}.", (DropNotes((notes[0].number,)),))
    return Plan(f"There are {len(notes)} notes. If all shall go, say: yes, delete all notes.")
