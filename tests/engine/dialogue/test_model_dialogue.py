"""Skills first, a language model second: right answers, history, tools held until the answer is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from engine.dialogue import ChangeVolume, Exchange, Summary, UsesTools
from engine.dialogue.built_in import BuiltInDialogue
from engine.dialogue.built_in_tools import BuiltInSkills
from engine.dialogue.tools import ToolFailed
from tests.engine.dialogue.conversing import Told, asked, config_for, conversing, heard
from tests.fakes.model_server import Behaviour, Chat, ModelServer, calls, words


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture
def told() -> Told:
    return Told()


def test_a_skill_answers_what_it_is_sure_of_and_the_model_the_rest(server: ModelServer, told: Told) -> None:
    server.behaviours = [words("Because of the way that air scatters light.")]
    with conversing(config_for(server), told) as dialogue:
        sure = dialogue.reply(asked("what is seven times six"), ())
        assert "42" in heard(sure)
        assert server.chats == []
        other = dialogue.reply(asked("why is the sky blue"), ())
        assert heard(other) == "Because of the way that air scatters light."
        assert other.source == "small"
    assert told.sentences() == []


def test_the_model_is_warmed_up_before_anybody_asks(server: ModelServer, told: Told) -> None:
    with conversing(config_for(server), told):
        assert server.wait_for(lambda: server.warm_ups == 1)
    assert server.chats == []


def test_words_come_before_the_answer_is_complete(server: ModelServer, told: Told) -> None:
    server.behaviours = [Behaviour(("One ", "moment. ", "Now"), end="hang")]
    with conversing(config_for(server), told) as dialogue:
        reply = dialogue.reply(asked("tell me a story about a fox"), ())
        pieces = reply.pieces()
        first = next(pieces)
        while "moment." not in first:
            first += next(pieces)
        reply.cancel()
        assert list(pieces) == []


def test_cancelling_closes_the_connection_at_once(server: ModelServer, told: Told) -> None:
    server.behaviours = [Behaviour(("Well",), end="hang")]
    with conversing(config_for(server), told) as dialogue:
        reply = dialogue.reply(asked("tell me a story about a fox"), ())
        assert server.wait_for(lambda: len(server.chats) == 1)
        next(reply.pieces())
        reply.cancel()
        assert server.chats[0].left.wait(10)
    assert told.sentences() == []


def test_only_what_was_heard_is_sent_and_lone_questions_are_merged(server: ModelServer, told: Told) -> None:
    history = (
        Exchange("who was Ada Lovelace", "She wrote", interrupted=True),
        Exchange("hold on", "", interrupted=True),
        Exchange("when did she live", ""),
    )
    with conversing(config_for(server), told) as dialogue:
        heard(dialogue.reply(asked("and where was that"), history))
    messages = server.chats[0].body["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[2]["content"] == "She wrote"
    assert messages[3]["content"] == "hold on\nwhen did she live\nand where was that"
    assert "interrupted" not in str(messages)


def test_persona_and_system_prompt_are_the_users(server: ModelServer, told: Told) -> None:
    config = config_for(server, persona="You are Marvin, a gloomy robot.", system_prompt="Answer in verse.")
    with conversing(config, told) as dialogue:
        heard(dialogue.reply(asked("who wrote Hamlet"), ()))
    (system,) = server.chats[0].texts("system")
    assert system == "You are Marvin, a gloomy robot.\nAnswer in verse.\nToday is Sunday, 29 November 2026."


def test_thoughts_are_neither_said_nor_counted_as_the_answer(server: ModelServer, told: Told) -> None:
    server.behaviours = [
        Behaviour(
            ({"reasoning_content": "Hm."}, "<thi", "nk>A colour", " question</think>\n", "It is ", "blue."),
            0.03,
        )
    ]
    with conversing(config_for(server), told) as dialogue:
        reply = dialogue.reply(asked("what colour is the sky"), ())
        assert heard(reply) == "It is blue."
        times = reply.times  # type: ignore[attr-defined]
        assert times.first_answer_ms - times.first_token_ms >= 100.0


def test_a_model_that_opens_its_thoughts_unseen_is_understood_from_the_second_answer_on(
    server: ModelServer, told: Told
) -> None:
    server.behaviours = [
        words("A hard one.</think>The first answer."),
        words("Again.</think>The second answer."),
    ]
    with conversing(config_for(server), told) as dialogue:
        heard(dialogue.reply(asked("why is the sky blue"), ()))
        assert heard(dialogue.reply(asked("why is the grass green"), ())) == "The second answer."


def test_mark_up_does_not_reach_the_voice_and_is_kept_for_the_eye(server: ModelServer, told: Told) -> None:
    server.behaviours = [words("It is **very** easy: \n\n- use `make`\n- wait 😀\n")]
    with conversing(config_for(server), told) as dialogue:
        reply = dialogue.reply(asked("how do I build this thing"), ())
        assert heard(reply) == "It is very easy:\n\nuse make.\nwait."
        assert "**very**" in reply.written  # type: ignore[attr-defined]


def test_a_tool_with_effects_waits_for_the_commit_and_a_look_does_not(
    server: ModelServer, told: Told
) -> None:
    def respond(chat: Chat) -> Behaviour:
        results = chat.texts("tool")
        if not results:
            return calls(("sotto_skills", '{"request": "what is 6 times 7"}'))
        if len(results) == 1:
            return calls(("sotto_skills", '{"request": "louder"}'))
        return words("Done, it is louder.")

    server.respond = respond
    with conversing(config_for(server), told) as dialogue:
        reply = dialogue.reply(asked("I wonder whether you could speak up, and what half of 84 is"), ())
        assert server.wait_for(lambda: len(server.chats) == 2)
        assert "42" in server.chats[1].texts("tool")[0]
        assert told.effects == []
        assert heard(reply) == "Done, it is louder."
        assert told.wait_for(lambda: any(isinstance(effect, ChangeVolume) for effect in told.effects))
        assert isinstance(reply, UsesTools)
        looked, done = reply.tool_uses
        assert (looked.name, looked.owner, looked.failed) == ("sotto_skills", "Sotto", False)
        assert looked.arguments == '{"request": "what is 6 times 7"}'
        assert "42" in looked.result
        assert "louder" in done.arguments


def test_a_reply_that_is_cancelled_leaves_no_trace(server: ModelServer, told: Told) -> None:
    server.respond = lambda chat: (
        words("Done.") if chat.texts("tool") else calls(("sotto_skills", '{"request": "louder"}'))
    )
    with conversing(config_for(server), told) as dialogue:
        reply = dialogue.reply(asked("could you by any chance speak up a bit"), ())
        assert server.wait_for(lambda: len(server.chats) == 1)
        reply.cancel()
        assert heard(dialogue.reply(asked("what is seven times six"), ()))
    assert told.effects == []
    assert len(server.chats) == 1


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("fly_to_the_moon", "{}", "There is no tool 'fly_to_the_moon'; there are: sotto_skills."),
        ("sotto_skills", "{nonsense", "are no JSON"),
        ("sotto_skills", "[1]", "must be one JSON object"),
        ("sotto_skills", '{"request": 5}', "do not fit: ['request']: 5 is not of type 'string'"),
        ("sotto_skills", '{"wish": "louder"}', "do not fit"),
        ("sotto_skills", '{"request": "book a flight to Rome"}', "No skill understands this request"),
    ],
)
def test_a_call_that_cannot_be_is_explained_to_the_model(
    server: ModelServer, told: Told, name: str, arguments: str, sentence: str
) -> None:
    server.respond = lambda chat: (
        words("Sorry, I cannot.") if chat.texts("tool") else calls((name, arguments))
    )
    with conversing(config_for(server), told) as dialogue:
        reply = dialogue.reply(asked("do something quite unusual for me"), ())
        assert heard(reply) == "Sorry, I cannot."
        assert isinstance(reply, UsesTools)
        assert [use.failed for use in reply.tool_uses] == [True]
    assert sentence in server.chats[1].texts("tool")[0]


def test_a_model_that_knows_no_tools_is_asked_without(server: ModelServer, told: Told) -> None:
    refusal = Behaviour(status=400, error="small does not support tools")
    server.respond = lambda chat: refusal if "tools" in chat.body else words("A plain answer.")
    with conversing(config_for(server), told) as dialogue:
        assert heard(dialogue.reply(asked("why is the sky blue"), ())) == "A plain answer."
        assert heard(dialogue.reply(asked("why is the grass green"), ())) == "A plain answer."
    assert ["tools" in chat.body for chat in server.chats] == [True, False, False]


def test_the_oldest_turns_are_summarised_when_the_context_fills(server: ModelServer, told: Told) -> None:
    history = tuple(
        Exchange(f"question {i} about the garden", f"answer {i}: " + "roses and tulips " * 8, turn=i)
        for i in range(20)
    )
    kept: list[Summary | None] = []

    def respond(chat: Chat) -> Behaviour:
        is_summary = "Summarise" in chat.texts("system")[0]
        return words("They talked about roses.") if is_summary else words("Tulips.")

    server.respond = respond
    with conversing(config_for(server, context_tokens=1400, answer_tokens=200), told) as dialogue:
        dialogue.take_up(None, kept.append)
        heard(dialogue.reply(asked("what is your own favourite flower"), history))
        assert server.wait_for(lambda: len(server.chats) == 2)
        told_of = "\n".join(server.chats[1].texts("user"))
        assert "question 0 " in told_of
        dialogue.settle()
        heard(
            dialogue.reply(asked("and which one is yours"), (*history, Exchange("what is yours", "Tulips.")))
        )
        assert "They talked about roses." in server.chats[2].texts("system")[0]
        assert "question 0 " not in str(server.chats[2].body)
        assert kept == [Summary(9, "They talked about roses.")]
        dialogue.amended(12)
        assert heard(dialogue.reply(asked("and now"), history)) == "Tulips."
        assert "roses" in server.chats[3].texts("system")[0], "it does not rest on that turn"
        dialogue.amended(9)
        heard(dialogue.reply(asked("and then"), history))
        assert "They talked" not in server.chats[-1].texts("system")[0]
        assert kept[1:2] == [None]
    for chat in server.chats:
        assert len(str(chat.body["messages"])) < 4 * 1400


def test_a_dialogue_takes_up_what_another_one_summed_up(server: ModelServer, told: Told) -> None:
    with conversing(config_for(server), told) as dialogue:
        dialogue.take_up(Summary(-3, "They talked about roses."), [].append)
        earlier = (Exchange("an old one", "Summed up.", turn=-3), Exchange("a newer one", "Whole.", turn=-2))
        heard(dialogue.reply(asked("which flower was it"), earlier))
    assert "They talked about roses." in server.chats[0].texts("system")[0]
    assert server.chats[0].texts("user") == ["a newer one", "which flower was it"]


def test_a_question_of_a_hundred_kilobytes_is_cut_and_answered(server: ModelServer, told: Told) -> None:
    with conversing(config_for(server), told) as dialogue:
        assert heard(dialogue.reply(asked("tell me why " + "so much " * 12_500), ())) == "Hello there."
    assert len(server.chats[0].texts("user")[0]) < 40_000


def test_without_anybody_to_take_them_a_model_has_no_effects_on_speech() -> None:
    (tool,) = BuiltInSkills(BuiltInDialogue(seed=1)).tools()
    assert "42" in asyncio.run(tool.run({"request": "what is 6 times 7"}))
    with pytest.raises(ToolFailed, match="Only the user can change how this assistant speaks"):
        asyncio.run(tool.run({"request": "louder"}))
