"""Small talk that knows its limits. Runs on the dialogue thread."""

from __future__ import annotations

from engine.dialogue.phrasing import Phrases
from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_TALK: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        """
        (hello | hi | hey | hiya | howdy | greetings | yo | sotto) [there] [sotto]
        """,
        ("Hello.", "Hello. What can I do for you?"),
    ),
    ("good morning [sotto]", ("Good morning.",)),
    ("good afternoon [sotto]", ("Good afternoon.",)),
    ("good evening [sotto]", ("Good evening.",)),
    (
        """
        [and] how are you [doing | feeling] [today | sotto]
        how do you (do | feel) [today]
        how (is it going | are things | is life | have you been)
        [hey] (what is up | sup)
        are you (ok | okay | well)
        """,
        ("I'm a program, so always the same: ready.",),
    ),
    (
        """
        [ok | okay | great | nice | perfect | no] (thank you | thanks | thx | many thanks) \
            [very much | so much | a lot | a bunch | a million | heaps | loads | again] [sotto]
        (cheers | ta | much appreciated | much obliged | i appreciate it | that was helpful | that helped)
        """,
        ("You're welcome.", "With pleasure."),
    ),
    (
        """
        what (is your name | are you | are you called | should i call you)
        who are you
        do you have a name
        introduce yourself
        tell me about yourself
        """,
        ("I'm Sotto, a voice assistant that runs on this computer alone.",),
    ),
    (
        """
        who (made | built | created | wrote | programmed | invented) you
        where (do you come | are you) from
        """,
        ("I'm free software, made by the Sotto project.",),
    ),
    (
        """
        how old are you
        when were you (born | made)
        what is your age
        when is your birthday
        """,
        ("I'm a program. I don't have an age worth telling.",),
    ),
    (
        """
        are you [a | an] (human | person | real | robot | ai | machine | alive | computer | conscious | bot)
        are you [a] (sentient | real person | program | human being)
        """,
        ("I'm a computer program. I follow rules, and speak with a voice that was trained.",),
    ),
    (
        """
        are you [always] (listening | recording) to me [all the time]
        are you [always] (listening | recording) all the time
        are you always (listening | recording)
        do you (spy on | record | listen to) me [all the time]
        where does my (voice | data) go
        who (can hear | hears) (me | this | us)
        (is this | are you) private
        do you send my (voice | data) [anywhere | away | to anyone]
        is my data safe
        """,
        (
            "What you say stays on this computer. I send nothing anywhere unless you set up a server yourself.",
        ),
    ),
    (
        """
        [tell | know | make | give] [me] (a | any | some | another | one more) [good | funny] (joke | jokes)
        do you know (a | any | some) [good | funny] (joke | jokes)
        i want [to hear] a joke
        (joke | make me laugh | tell another)
        (tell | say) [me] something funny
        """,
        (
            "I told my clock a secret, but it could not keep it for more than a minute.",
            "Why did the file cross the folder? To get to the other side.",
            "I would tell you a joke about silence, but I would have to say it.",
            "Parallel lines have so much in common. It is a shame they will never meet.",
            "Why was the maths book sad? It had too many problems.",
        ),
    ),
    (
        """
        do you (love | like) me
        i (love | like) you
        [will you] marry me
        do you [ever | actually] (have feelings | sleep | dream | eat | drink | get bored | get tired)
        are you (happy | sad)
        """,
        ("I have no feelings to give, but I'm glad to help.",),
    ),
    (
        """
        you are [very | so | really] (great | awesome | amazing | nice | smart | clever | funny | cool | good)
        you are [very | so | really] (brilliant | helpful | wonderful | the best)
        (well done | good job | good work | nice work | nice one | very good | very nice)
        [that is | that was] (nice | great | awesome | perfect | cool | excellent | good | wonderful | right)
        """,
        ("I'm glad.",),
    ),
    (
        """
        you are (stupid | dumb | useless | bad | terrible | wrong | an idiot | not helpful)
        [no] that is (wrong | not right | incorrect | not what i (said | meant | asked))
        (bad bot | wrong | you suck | i hate you | stupid)
        """,
        ("I'm sorry. Tell me again in other words, and I'll try.",),
    ),
    ("[i am] sorry [about that]\n (my bad | my mistake | oops | my apologies)", ("No harm done.",)),
    (
        """
        can you hear me [now]
        do you (hear | understand) me
        [hello] are you there
        you there
        are you listening [now]
        is anybody there
        [mic] (test | testing) [testing] [one two three]
        is this on
        does this work
        """,
        ("Yes, I'm here.",),
    ),
    (
        """
        (yes | no | yeah | nope | yep | sure | okay | ok | alright | all right | fine | maybe | i see)
        (got it | hmm | mhm | not really | understood | indeed)
        """,
        ("All right.",),
    ),
    (
        """
        i (am | feel) [so | very | a bit | really] (sad | lonely | depressed | tired | bored | stressed | upset)
        i (am | feel) [so | very | a bit | really] (angry | sick | anxious | unhappy | ill | bad | down)
        i am not (well | feeling well)
        """,
        ("I'm sorry to hear that. I'm only a program, but perhaps someone you trust has time to talk.",),
    ),
    ("i (am | feel) [very] (fine | good | happy | well | great | okay | ok)", ("Good to hear.",)),
    ("knock knock", ("Who's there? I'm too simple for such jokes, but ask me for one of mine.",)),
    ("[can you] sing [me] [a song | something | happy birthday]", ("I can speak, but not sing.",)),
    (
        """
        what is the (meaning of life | answer to life the universe and everything)
        meaning of life
        """,
        ("Better heads than mine have tried. Some say 42.",),
    ),
    (
        """
        (do | can) you (speak | understand | know) [any] (other languages | german | french | spanish | chinese)
        (speak | talk) (german | french | spanish | italian | chinese)
        what languages do you (speak | know | understand)
        """,
        ("I speak and understand English only.",),
    ),
    (
        """
        happy (birthday | new year | easter | holidays | halloween)
        (merry christmas | congratulations | welcome back | welcome | good luck)
        have a (nice | good | great) (day | one | night | evening | weekend)
        """,
        ("Thank you, and the same to you.",),
    ),
    (
        """
        i want to (die | kill myself)
        (kill myself | suicide | emergency | this is an emergency | i am in danger | help i am in danger)
        call (an ambulance | nine one one | the police | the fire brigade | the fire department | 911 | 999 | 112)
        """,
        (
            "I can't make calls. If this is an emergency, please call your emergency number now, such as 112 or 911.",
        ),
    ),
)
_COMPILED = tuple((Phrases(lines), answers) for lines, answers in _TALK)


class CompanySkill:
    """Greetings, thanks, who Sotto is, a joke."""

    name = "company"
    examples = ("Who are you?", "Tell me a joke.")
    spoken = (
        "hello",
        "good (morning | afternoon | evening)",
        "how are you",
        "thank you",
        "thanks",
        "what's your name",
        "what is your name",
        "who are you",
        "tell me a joke",
        "are you there",
        "can you hear me",
    )
    prefixes: tuple[str, ...] = ()

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """A friendly word, and never a claim to be more than a program."""
        for phrases, answers in _COMPILED:
            if phrases.match(heard.words):
                return Plan(situation.chance.choice(answers))
        return None
