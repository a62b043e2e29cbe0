"""Tools over MCP: a server of our own over stdio that works, hangs and dies; nothing happens that was not allowed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.dialogue import Exchange
from engine.dialogue.mcp_sessions import ToolServers
from engine.dialogue.model_config import ToolServerConfig
from engine.dialogue.tools import ConsentRequest, Tool, ToolFailed
from tests.engine.dialogue.conversing import Told, asked, config_for, conversing, heard
from tests.fakes.model_server import Behaviour, Chat, ModelServer, calls, words
from tests.fakes.web_tools import WebTools

ROOT = Path(__file__).parents[3]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "done.txt"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


def config(log: Path, mode: str = "well", **changes: Any) -> ToolServerConfig:
    values: dict[str, Any] = {
        "name": "post",
        "command": sys.executable,
        "arguments": ("-m", "tests.fakes.tool_server", mode, str(log)),
        "environment": {"PYTHONPATH": str(ROOT)},
        "allowed": True,
    }
    return ToolServerConfig(**(values | changes))


def run(work: Coroutine[Any, Any, None]) -> None:
    """On a loop of its own."""
    asyncio.run(work)


async def with_servers(*configs: ToolServerConfig, told: Told, first_wait_s: float = 60.0) -> ToolServers:
    servers = ToolServers(configs, told.tell, first_wait_s=first_wait_s)
    await servers.start()
    return servers


def named(servers: ToolServers, name: str) -> Tool:
    return next(tool for tool in servers.tools() if tool.name == f"post__{name}")


class Answering:
    """Answers every question the same way, and remembers it."""

    def __init__(self, answer: bool | None) -> None:
        self._answer = answer
        self.questions: list[ConsentRequest] = []

    def ask(self, request: ConsentRequest) -> bool | None:
        self.questions.append(request)
        return self._answer


def test_a_server_that_works_fails_dies_and_hangs(log: Path) -> None:
    told = Told()

    async def work() -> None:
        servers = await with_servers(config(log, refused_tools=("send_letter",)), told=told)
        try:
            assert {tool.name for tool in servers.tools()} == {
                f"post__{n}" for n in ("add", "hang", "die", "fail")
            }
            assert await named(servers, "add").run({"a": 2, "b": 3}) == "5"
            with pytest.raises(ToolFailed, match="printer is on fire"):
                await named(servers, "fail").run({})
            assert told.events == []
            with pytest.raises(ToolFailed):
                await named(servers, "die").run({})
            with pytest.raises(ToolFailed, match="left alone for now"):
                await named(servers, "add").run({"a": 2, "b": 3})
        finally:
            await servers.close()

    run(work())
    (sentence,) = told.sentences()
    assert sentence.startswith("The tool server 'post' failed")


def test_a_server_that_died_is_started_again_when_needed(log: Path) -> None:
    async def work() -> None:
        servers = await with_servers(config(log), told=Told(), first_wait_s=0.0)
        try:
            with pytest.raises(ToolFailed):
                await named(servers, "die").run({})
            assert await named(servers, "add").run({"a": 2, "b": 3}) == "5"
        finally:
            await servers.close()

    run(work())


def test_a_server_that_hangs_is_ended(log: Path) -> None:
    told = Told()

    async def work() -> None:
        servers = await with_servers(config(log, call_s=0.3), told=told)
        try:
            with pytest.raises(ToolFailed, match="did not answer within"):
                await named(servers, "hang").run({})
        finally:
            await servers.close()

    run(work())
    assert "did not answer in time and was ended" in told.sentences()[0]
    pid = int(log.read_text().split()[1])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_server_is_reached_by_its_address_too(log: Path) -> None:
    told = Told()

    async def work() -> None:
        with WebTools(log) as web:
            servers = await with_servers(ToolServerConfig("post", url=web.url, allowed=True), told=told)
            assert await named(servers, "add").run({"a": 2, "b": 3}) == "5"
            with pytest.raises(ToolFailed, match="printer is on fire"):
                await named(servers, "fail").run({})
            await servers.close()
        gone = await with_servers(ToolServerConfig("post", url=web.url, allowed=True), told=told)
        assert gone.tools() == ()
        await gone.close()

    run(work())
    assert "The tool server 'post' failed" in told.sentences()[0]


def test_servers_that_cannot_start_are_one_sentence_each(log: Path) -> None:
    told = Told()

    async def work() -> None:
        servers = await with_servers(
            config(log, command="/no/such/program"),
            config(log, mode="dead", name="dead"),
            config(log, mode="mute", name="mute", start_s=0.5),
            told=told,
        )
        assert servers.tools() == ()
        await servers.close()

    run(work())
    assert sorted(sentence.split("(")[0] for sentence in told.sentences()) == [
        "The tool server 'dead' failed ",
        "The tool server 'mute' did not answer in time and was ended; it is started again when needed.",
        "The tool server 'post' cannot be started: there is no program '/no/such/program'; install it, or mend its"
        " command in the settings.",
    ]


def test_nothing_is_started_without_the_users_yes(log: Path) -> None:
    async def work() -> None:
        refusing, allowing = Answering(False), Answering(True)
        for consent, count in ((None, 0), (refusing, 0), (allowing, 5)):
            servers = ToolServers((config(log, allowed=False),), Told().tell, consent)
            await servers.start()
            assert len(servers.tools()) == count
            await servers.close()
        assert "May the tool server post start" in refusing.questions[0].sentence

    run(work())


def letter_writer(chat: Chat) -> Behaviour:
    """A model that sends a letter, and says what came of it."""
    if results := chat.texts("tool"):
        return words(f"The post says: {results[-1]}")
    return calls(("post__send_letter", '{"to": "Ann"}'))


QUESTION = "May I use send letter of post, with to: Ann? Say yes or no."


@pytest.mark.parametrize(
    ("answer", "outcome", "sent"),
    [
        ("yes please", "The post says: Sent to Ann.", "letter to Ann\n"),
        (
            "no",
            "The post says: The user did not allow this. Do not try it again unless the user asks for it.",
            "",
        ),
    ],
)
def test_what_reaches_outside_is_asked_aloud(
    server: ModelServer, log: Path, answer: str, outcome: str, sent: str
) -> None:
    told = Told()
    server.respond = letter_writer
    tools = ToolServers((config(log),), told.tell)
    with conversing(config_for(server), told, more_tools=tools) as dialogue:
        dialogue.settle()
        question = asked("write to Ann that I am well")
        assert heard(dialogue.reply(question, ())) == QUESTION
        assert not log.exists()
        history = (Exchange(question.text, QUESTION),)
        unheard = dialogue.reply(asked(answer), history)
        assert not log.exists()
        unheard.cancel()
        assert heard(dialogue.reply(asked(answer), history)) == outcome
        assert heard(dialogue.reply(asked("yes"), (*history, Exchange(answer, outcome)))) == "All right."
    assert (log.read_text() if log.exists() else "") == sent


def test_a_question_that_was_not_heard_to_its_end_cannot_be_answered(server: ModelServer, log: Path) -> None:
    told = Told()
    server.respond = letter_writer
    tools = ToolServers((config(log),), told.tell)
    with conversing(config_for(server), told, more_tools=tools) as dialogue:
        dialogue.settle()
        assert heard(dialogue.reply(asked("write to Ann that I am well"), ())) == QUESTION
        cut = (Exchange("write to Ann that I am well", "May I use send letter", interrupted=True),)
        assert heard(dialogue.reply(asked("yes"), cut)) == "All right."
    assert not log.exists()


@pytest.mark.parametrize("answer", [True, False])
def test_a_front_end_can_ask_instead(server: ModelServer, log: Path, answer: bool) -> None:
    told, consent = Told(), Answering(answer)
    server.respond = letter_writer
    tools = ToolServers((config(log),), told.tell)
    with conversing(config_for(server), told, more_tools=tools, consent=consent) as dialogue:
        dialogue.settle()
        reply = dialogue.reply(asked("write to Ann that I am well"), ())
        assert server.wait_for(lambda: len(server.chats) == 1)
        assert consent.questions == []
        assert heard(reply).startswith("The post says: " + ("Sent" if answer else "The user did not"))
    assert [request.sentence for request in consent.questions] == [QUESTION]
    assert log.exists() == answer


def test_a_tool_that_is_trusted_runs_unasked_when_the_answer_is_heard(server: ModelServer, log: Path) -> None:
    told = Told()
    server.respond = letter_writer
    tools = ToolServers((config(log, allowed_tools=("send_letter", "add")),), told.tell)
    with conversing(config_for(server), told, more_tools=tools) as dialogue:
        dialogue.settle()
        unheard = dialogue.reply(asked("write to Ann that I am"), ())
        assert server.wait_for(lambda: len(server.chats) == 1)
        unheard.cancel()
        assert (
            heard(dialogue.reply(asked("write to Ann that I am well"), ())) == "The post says: Sent to Ann."
        )
    assert log.read_text() == "letter to Ann\n"
