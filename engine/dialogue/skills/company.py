"""Small talk that knows its limits. Runs on the dialogue thread."""

from __future__ import annotations

import re

from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance

_JOKES = (
    "I told my clock a secret, but it could not keep it for more than a minute.",
    "Why did the file cross the folder? To get to the other side.",
    "I would tell you a joke about silence, but I would have to say it.",
    "Parallel lines have so much in common. It is a shame they will never meet.",
    "Why was the maths book sad? It had too many problems.",
)
_TALK: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(?:hello|hi|hey|hiya|howdy|greetings|yo|hi there|hello there|hey there|hello sotto|hi sotto|hey sotto|sotto)", ("Hello.", "Hello. What can I do for you?")),
    (r"good (morning|afternoon|evening|day)(?: sotto)?", ("Good {0}.",)),
    (r"(?:how are you|how do you do|how are you (?:doing|feeling|today|doing today)|how is it going|how are things|how is life|what is up|sup|you okay|are you okay|how have you been|how do you feel)(?: today| sotto)?", ("I'm a program, so always the same: ready.",)),
    (r"(?:thank you|thanks|thank you very much|thanks a lot|thank you so much|cheers|ta|many thanks|thx|thank you sotto|thanks sotto|much appreciated|great thanks|nice thanks|perfect thanks|ok thanks|okay thanks|ok thank you)", ("You're welcome.", "With pleasure.")),
    (r"(?:what is your name|who are you|what are you|what are you called|what should i call you|do you have a name|introduce yourself|tell me about yourself|your name)", ("I'm Sotto, a voice assistant that runs on this computer alone.",)),
    (r"(?:who (?:made|built|created|wrote|programmed) you|where do you come from|where are you from)", ("I'm free software, made by the Sotto project.",)),
    (r"(?:how old are you|when were you (?:born|made)|what is your age|your birthday|when is your birthday)", ("I'm a program. I don't have an age worth telling.",)),
    (r"(?:are you (?:a )?(?:human|a person|real|a robot|an? ai|a machine|alive|a computer|artificial|conscious|sentient|an? bot|a bot))", ("I'm a computer program. I follow rules, and speak with a voice that was trained.",)),
    (r"(?:are you (?:listening|recording)(?: to me)?(?: all the time)?|do you (?:spy|record|listen)(?: on me| me| to me)?(?: all the time)?|where does my (?:voice|data) go|who (?:can hear|hears) (?:me|this|us)|is this private|are you private|do you send my (?:voice|data)(?: anywhere| away)?|is my data safe)", ("What you say stays on this computer. I send nothing anywhere unless you set up a server yourself.",)),
    (r"(?:(?:tell|know|say|make|got)(?: me)?|do you (?:know|have)|give me|i want|i want to hear|another|one more)?(?: me)? ?(?:a |any |some |another |one more )?(?:good |funny )?jokes?(?: please)?|make me laugh|say something funny|tell another", _JOKES),
    (r"(?:do you (?:love|like) me|i love you|i like you|will you marry me|marry me|do you have feelings|are you happy|are you sad|do you (?:sleep|dream|eat|drink))", ("I have no feelings to give, but I'm glad to help.",)),
    (r"(?:you are (?:great|awesome|amazing|nice|smart|clever|funny|the best|cool|wonderful|good|brilliant|helpful)|well done|good job|nice|great|awesome|perfect|cool|excellent|good|wonderful|very good|that is (?:great|good|nice|right|correct|perfect)|good work|nice work|nice one|brilliant)", ("Good.", "I'm glad.")),
    (r"(?:you are (?:stupid|dumb|useless|bad|terrible|wrong|an idiot|not helpful)|that is (?:wrong|not right|incorrect|not what i (?:said|meant|asked))|no that is wrong|bad (?:bot|assistant)|wrong|you suck|i hate you|stupid)", ("I'm sorry. Tell me again in other words, and I'll try.",)),
    (r"(?:sorry|i am sorry|my bad|my mistake|oops|apologies|my apologies)", ("No harm done.",)),
    (r"(?:can you hear me|do you hear me|are you there|are you listening now|hello are you there|you there|is anybody there|testing|test|mic test|testing testing|can you hear me now|is this on|does this work|do you understand me|test 1 2 3|testing 1 2 3)", ("Yes, I'm here.",)),
    (r"(?:yes|no|yeah|nope|yep|sure|okay|ok|alright|all right|fine|maybe|right|i see|got it|no thanks|no thank you|not really|mm|mhm|hmm|indeed|understood)", ("All right.",)),
    (r"(?:i am (?:sad|lonely|depressed|tired|bored|stressed|upset|angry|anxious|unhappy|sick|ill|not well|not feeling well)|i feel (?:sad|lonely|bad|tired|ill|sick|depressed|down))", ("I'm sorry to hear that. I'm only a program, but perhaps someone you trust has time to talk.",)),
    (r"(?:i am (?:fine|good|happy|well|great|okay|ok|doing well)(?: thanks| thank you| too)?|i feel (?:good|great|fine|happy))", ("Good to hear.",)),
    (r"(?:sing(?: me)?(?: a song| something)?(?: for me)?|can you sing|sing happy birthday)", ("I can speak, but not sing.",)),
    (r"(?:what is the meaning of life|what is the answer to life the universe and everything|meaning of life|why are we here)", ("Better heads than mine have tried. Some say 42.",)),
    (r"(?:do you (?:speak|understand|know) (?:any other languages|german|french|spanish|italian|chinese|japanese|other languages)|(?:speak|talk) (?:german|french|spanish|italian)|what languages do you (?:speak|know|understand))", ("I speak and understand English only.",)),
    (r"(?:happy (?:birthday|new year|easter|holidays|halloween)|merry christmas|congratulations|welcome back|welcome|good luck|have a nice day|have a good (?:day|one|night|evening|weekend))", ("Thank you, and the same to you.",)),
    (r"(?:help me i am in danger|i want to die|i want to kill myself|kill myself|suicide|call an ambulance|call 911|call 999|call 112|emergency|call the police|call the fire (?:brigade|department))", ("I can't make calls. If this is an emergency, please call your emergency number now, such as 112 or 911.",)),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), answers) for pattern, answers in _TALK)


class CompanySkill:
    """Greetings, thanks, who Sotto is, a joke."""

    name = "company"
    examples = ("Who are you?", "Tell me a joke.")
    spoken = (
        "hello",
        "hi",
        "good (morning | afternoon | evening)",
        "how are you",
        "thank you",
        "thanks",
        "what's your name",
        "what is your name",
        "who are you",
        "tell me a joke",
        "are you listening",
        "can you hear me",
    )
    prefixes: tuple[str, ...] = ()

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """A friendly word, and never a claim to be more than a program."""
        for pattern, answers in _COMPILED:
            if found := pattern.fullmatch(heard.figures if "\\d" in pattern.pattern else heard.words):
                answer = situation.chance.choice(answers)
                return Plan(answer.format(*(group or "" for group in found.groups())))
        return None
