"""Questions and answers an assistant hears and says, filled from slots: tens of thousands of combinations.

Pure functions of the random generator handed in. Numbers are written as words.
"""

from __future__ import annotations

import random
import re


def _each(words: str) -> list[str]:
    return words.split()


_UNITS = _each("one two three four five six seven eight nine ten eleven twelve")
_SLOTS: dict[str, list[str]] = {
    "hour": _UNITS,
    "minute": ["ten", "twenty", "thirty", "forty", "fifteen", "forty five", "twenty five", "fifty", "oh five"],
    "half": ["in the morning", "in the afternoon", "in the evening", "at night"],
    "small": ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "fifteen", "twenty"],
    "degrees": ["eight", "eleven", "fourteen", "nineteen", "twenty two", "twenty seven", "thirty one", "minus three"],
    "day": [*_each("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"), "today", "tomorrow", "next week"],
    "month": _each("January February March April May June July August September October November December"),
    "ordinal": ["first", "second", "third", "fifth", "ninth", "tenth", "twelfth", "twentieth", "thirtieth"],
    "city": _each("Paris London Berlin Boston Chicago Rome Madrid Vienna Dublin Toronto Sydney Tokyo Oslo Lisbon"),
    "person": _each("Anna Peter Sarah Michael Emma David Laura Thomas Julia Robert Maria Kevin Susan Daniel"),
    "weather": ["sunny", "cloudy", "rainy", "windy", "foggy", "dry and warm", "cold and clear", "mild", "stormy"],
    "task": ["call the dentist", "water the plants", "buy milk", "send the report", "pick up the children",
             "pay the rent", "take out the trash", "book the flight", "feed the cat", "check the oven",
             "write to the bank", "renew my passport", "return the books", "charge the phone"],
    "thing": ["the lights", "the heating", "the music", "the radio", "the alarm", "the television", "the fan"],
    "room": ["the kitchen", "the bedroom", "the living room", "the bathroom", "the hall", "the garden", "the office"],
    "food": ["pasta", "soup", "bread", "rice", "chicken", "fish", "a salad", "an omelet", "pancakes", "apple pie"],
    "topic": ["the meeting", "your flight", "the weather", "the news", "the concert", "the project", "dinner"],
    "place": ["the station", "the airport", "the museum", "the library", "the nearest pharmacy", "the office",
              "the old bridge", "the market", "the theater", "the hospital"],
    "adjective": ["good", "lovely", "difficult", "interesting", "strange", "wonderful", "quiet", "busy", "long"],
    "sure": ["Sure", "Of course", "Certainly", "All right", "Okay", "Yes", "Gladly", "With pleasure"],
    "hello": ["Hello", "Good morning", "Good evening", "Hi there", "Welcome back", "Good afternoon"],
    "number": ["forty two", "one hundred", "three hundred and twelve", "nineteen", "sixty seven", "two thousand",
               "eighty eight", "seventeen", "five hundred and six", "thirty three", "ninety one"],
}  # fmt: skip

EXCHANGES: tuple[tuple[str, str], ...] = (
    ("What time is it?", "It is {hour} {minute} {half}."),
    ("What time is it in {city}?", "In {city} it is {hour} {minute}, {half}."),
    ("Is it past {hour} already?", "Yes, it is {hour} {minute}."),
    ("How is the weather in {city}?", "It is {weather} in {city}, and about {degrees} degrees."),
    ("Will it rain on {day}?", "No; it stays {weather}, with {degrees} degrees."),
    ("Do I need a coat {day}?", "I think so: it will be {weather}."),
    ("Remind me to {task} at {hour} {minute}.", "{sure}, I will remind you to {task} at {hour} {minute}."),
    ("Can you remind me to {task}?", "{sure}! When should I remind you?"),
    ("Set a timer for {small} minutes.", "{sure}: {small} minutes, starting now."),
    ("How much time is left?", "There are {small} minutes and {number} seconds left."),
    ("Wake me at {hour} on {day}.", "The alarm is set for {hour}, {day}."),
    ("Turn off {thing} in {room}.", "{sure}, {thing} in {room}. Done!"),
    ("Are {thing} and {thing} on?", "{thing}: yes. {thing}: no."),
    ("Could you turn {thing} down a little?", "{sure}. Is that better?"),
    ("{hello}, {person}!", "{hello}! How can I help you?"),
    ("{hello}. How are you?", "I am fine, thank you. And you?"),
    ("What is {number} plus {number}?", "Let me think - I would say it is {number}."),
    ("How many is {number} times {small}?", "That makes {number}."),
    ("What day is it?", "It is {day}, the {ordinal} of {month}."),
    ("When is {person}'s birthday?", "On the {ordinal} of {month}; that is a {day}."),
    ("Call {person}, please.", "Calling {person} now."),
    ("Did {person} write about {topic}?", "Yes, {person} wrote about {topic} on {day}."),
    (
        "Tell {person} I will be {small} minutes late.",
        "{sure}. I told {person} you are {small} minutes late.",
    ),
    ("How do I get to {place}?", "Walk past {place}, turn left, and go on for {small} minutes."),
    ("How far is {city} from {city}?", "About {number} miles - it takes {small} hours by train."),
    ("Is there a train to {city}?", "There is one at {hour} {minute}, and another at {hour}."),
    ("What can I cook {day}?", "How about {food}, or perhaps {food}?"),
    ("How long does {food} take?", "Around {small} minutes; {food} takes longer."),
    ("Add {food} to my list.", "{food} is on your list. Anything else?"),
    ("What is on my list?", "You have {food}, {food}, and {food}."),
    ("Do you remember {topic}?", "I do: we talked about {topic} on {day}."),
    ("Was {topic} {adjective}?", "It was {adjective}, but also {adjective}."),
    ("I had a {adjective} day.", "I am glad you told me. What made it so {adjective}?"),
    ("Read me {topic}.", "I am sorry, I cannot find {topic}. Shall I look again?"),
    ("Is {place} open on {day}?", "Yes! {place} is open from {hour} to {hour}."),
    ("Who is coming on {day}?", "{person}, {person} and {person} are coming."),
    ("Stop.", "{sure}."),
    ("Thank you, that was {adjective}.", "You are welcome!"),
    ("Should I take the bus or walk?", "Walk; it is {weather}, and only {small} minutes."),
    ("What does {person} do?", "{person} works at {place}, as far as I know."),
    ("Tell me something {adjective}.", "Did you know that {number} people visit {place} every {day}?"),
    ("Good night!", "Good night, {person}. Sleep well!"),
)
"""(what the user says, what the assistant answers). Answers speak plain sentences; a slot is drawn once an exchange
for each occurrence, except that an answer repeats the question's value of the same slot."""


def _fill(template: str, draw: random.Random, known: dict[str, str]) -> str:
    drawn: dict[str, str] = {}

    def value(match: re.Match[str]) -> str:
        slot = match.group(1)
        if slot in known and slot not in drawn:
            drawn[slot] = known[slot]
            return known[slot]
        chosen = draw.choice(_SLOTS[slot])
        while chosen == drawn.get(slot):
            chosen = draw.choice(_SLOTS[slot])
        drawn[slot] = chosen
        return chosen

    text = re.sub(r"\{(\w+)\}", value, template)
    known.update(drawn)
    return re.sub(r"(^|[.?!] )([a-z])", lambda match: match.group(1) + match.group(2).upper(), text)


def exchange(draw: random.Random) -> tuple[str, str]:
    """One question and its answer, every slot filled."""
    known: dict[str, str] = {}
    question, answer = draw.choice(EXCHANGES)
    return _fill(question, draw, known), _fill(answer, draw, known)
