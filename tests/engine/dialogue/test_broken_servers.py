"""Servers that are down, slow, broken or lying: the skills answer and say so once; it is tried again quietly."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.engine.dialogue.conversing import IMPATIENT, Told, asked, config_for, conversing, heard
from tests.fakes.model_server import Behaviour, ModelServer, calls, words

CANNOT = "I don't know that. Ask me what I can do."


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture
def told() -> Told:
    return Told()


NONSENSE = (
    b"<html><body>Welcome to my router</body></html>",
    b"data: {not json}\n\n",
    b'data: {"choices": 7}\n\n',
    b'data: {"choices": [{"delta": {"content": 5}}]}\n\n',
    b'data: [1, 2]\n\ndata: "x"\n\n',
    b"data: \xff\xfe\xfd\n\n",
    b"",
    b"\x00" * 1000,
    b'data: {"error": {"message": "CUDA out of memory"}}\n\n',
    b'data: {"choices": [{"delta": {"tool_calls": [{"function": {"arguments": 3}}]}}]}\n\n',
    b"data: " + b"[" * 50_000 + b"\n\n",
)
FAULTS = [
    (Behaviour(end="hang"), "did not answer in time"),
    (Behaviour(("  ",), end="hang"), "did not answer in time"),
    (Behaviour(({"reasoning_content": "hm"},), 0.02, end="endless"), "did not answer in time"),
    (Behaviour(end="cut"), "broke off"),
    (Behaviour(({"reasoning_content": "hm"},)), "thought and gave no answer"),
    (words("<think>I wonder what to say"), "thought and gave no answer"),
    (Behaviour(()), "gave an empty answer"),
    (Behaviour(status=401, error="no"), "asks for an API key"),
    (Behaviour(status=403, error="no"), "asks for an API key"),
    (Behaviour(status=402, error="pay"), "has no credit left"),
    (Behaviour(status=429, error="You exceeded your current quota"), "has no credit left"),
    (Behaviour(status=429, error="slow down"), "asked more often than it allows"),
    (Behaviour(status=404, error="gone"), "knows neither"),
    (Behaviour(status=500, error="oops"), "failed with error 500"),
    (Behaviour(status=503, error="loading"), "failed with error 503"),
    (Behaviour(status=302, error=""), "sends us elsewhere"),
    (Behaviour(status=400, error="too long"), "refused the question with error 400"),
    (calls(*[("no_such_tool", "{}")]), "called tools 6 times"),
]


@pytest.mark.parametrize(("fault", "sentence"), FAULTS)
def test_a_broken_server_is_explained_once_and_the_skills_answer(
    server: ModelServer, told: Told, fault: Behaviour, sentence: str
) -> None:
    server.behaviours = [fault]
    # Impatience on a busy machine finds the warm-up late as well, which is another sentence where it is another fault.
    times = IMPATIENT if fault.end in ("hang", "endless") else {}
    with conversing(config_for(server, **times), told, first_retry_s=60.0) as dialogue:
        reply = dialogue.reply(asked("why is the sky blue"), ())
        answer = heard(reply)
    assert answer.endswith(f", so I answer with what I can do myself. {CANNOT}")
    assert reply.source == "cannot"
    (explained,) = told.sentences()
    assert sentence in explained
    assert "Traceback" not in explained


@pytest.mark.parametrize("raw", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_survived(server: ModelServer, told: Told, raw: bytes) -> None:
    server.behaviours = [Behaviour(raw=raw, end="")]
    with conversing(config_for(server), told, first_retry_s=60.0) as dialogue:
        assert heard(dialogue.reply(asked("why is the sky blue"), ())).endswith(CANNOT)
    assert len(told.sentences()) == 1


def test_it_is_said_once_and_skills_go_on(server: ModelServer, told: Told) -> None:
    server.warm_up = Behaviour(status=500)
    server.behaviours = [Behaviour(status=500)]
    with conversing(config_for(server), told, first_retry_s=60.0) as dialogue:
        first = heard(dialogue.reply(asked("why is the sky blue"), ()))
        assert first.startswith("The language model's server failed, so I answer with what I can do myself. ")
        assert heard(dialogue.reply(asked("why is the grass green"), ())) == CANNOT
        assert "42" in heard(dialogue.reply(asked("what is seven times six"), ()))
    assert len(told.sentences()) == 1


def test_what_was_not_heard_was_not_said(server: ModelServer, told: Told) -> None:
    server.warm_up = server.behaviours[0] = Behaviour(status=500)
    with conversing(config_for(server), told, first_retry_s=60.0) as dialogue:
        unheard = dialogue.reply(asked("why is the sky"), ())
        assert "so I answer" in "".join(unheard.pieces())
        unheard.cancel()
        assert "so I answer" in heard(dialogue.reply(asked("why is the sky blue"), ()))


def test_it_is_tried_again_quietly_and_comes_back(server: ModelServer, told: Told) -> None:
    server.warm_up = server.behaviours[0] = Behaviour(status=503)
    with conversing(config_for(server), told) as dialogue:
        assert heard(dialogue.reply(asked("why is the sky blue"), ())).endswith(CANNOT)
        assert server.wait_for(lambda: server.warm_ups >= 4)
        server.behaviours = [words("Because it is.")]
        server.warm_up = words("Hi")
        seen = server.warm_ups
        assert server.wait_for(lambda: server.warm_ups > seen)
        answers = (heard(dialogue.reply(asked("why is the sky blue"), ())) for _ in range(1000))
        assert "Because it is." in answers
    assert len(told.sentences()) == 1


def test_nobody_listens_at_the_address(told: Told) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    config = config_for(ModelServer(), base_url=f"http://127.0.0.1:{port}/v1")
    with conversing(config, told, first_retry_s=60.0) as dialogue:
        answer = heard(dialogue.reply(asked("why is the sky blue"), ()))
    assert answer == f"The language model cannot be reached, so I answer with what I can do myself. {CANNOT}"
    assert told.sentences() == [
        f"No language model server answers at http://127.0.0.1:{port}/v1; start it there, or change the address in the"
        " settings."
    ]


def test_a_model_that_does_not_exist_is_answered_with_those_that_do(told: Told) -> None:
    with (
        ModelServer(models=("llama3.2:3b", "qwen3:4b")) as server,
        conversing(config_for(server, model="lama"), told, first_retry_s=60.0) as dialogue,
    ):
        heard(dialogue.reply(asked("why is the sky blue"), ()))
    assert told.sentences() == [
        f"The server at {server.base_url} has no language model 'lama'; the server has: llama3.2:3b, qwen3:4b."
    ]


def test_a_wrong_key_is_named_and_the_right_one_is_sent(told: Told) -> None:
    with ModelServer(key="right") as server:
        with conversing(config_for(server), told, key="wrong", first_retry_s=60.0) as dialogue:
            heard(dialogue.reply(asked("why is the sky blue"), ()))
        assert "refused the API key; enter the right one in the settings." in told.sentences()[0]
        with conversing(config_for(server), Told(), key="right") as dialogue:
            assert heard(dialogue.reply(asked("why is the sky blue"), ())) == "Hello there."


@pytest.mark.parametrize("end", ["cut", "hang"])
def test_an_answer_that_breaks_off_says_so(server: ModelServer, told: Told, end: str) -> None:
    server.behaviours = [Behaviour(("The sky is ", "blue because "), end=end)]
    with conversing(config_for(server, **IMPATIENT), told) as dialogue:
        answer = heard(dialogue.reply(asked("why is the sky blue"), ()))
    assert answer.startswith("The sky is blue because")
    assert "in the middle of this answer." in answer or answer.endswith("broke off there.")


def test_an_answer_of_a_hundred_kilobytes_is_cut_where_nobody_listens_any_more(
    server: ModelServer, told: Told
) -> None:
    server.behaviours = [words("word " * 20_000)]
    with conversing(config_for(server), told) as dialogue:
        answer = heard(dialogue.reply(asked("tell me everything about words"), ()))
    assert 2_000 < len(answer) < 8_000


def test_an_answer_without_an_end_is_cut_too(server: ModelServer, told: Told) -> None:
    server.behaviours = [Behaviour(("blah ",) * 50, end="endless")]
    with conversing(config_for(server), told) as dialogue:
        assert len(heard(dialogue.reply(asked("tell me everything about words"), ()))) < 8_000
        assert server.chats[0].left.wait(10)


def test_a_server_may_load_its_model_longer_than_an_answer_may_take(server: ModelServer, told: Told) -> None:
    server.warm_up = Behaviour(("Hi",), pause_s=0.7)
    with conversing(config_for(server, read_s=0.2), told) as dialogue:
        dialogue.settle()
        assert dialogue.availability.is_up
    assert told.sentences() == []
