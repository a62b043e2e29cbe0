"""Servers of language models: a client for one, its models, and those found on this machine's usual ports.

On the dialogue thread. The `openai` client is imported on first use, which takes the better part of a second.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.addresses import is_on_this_machine
from engine.dialogue.trouble import explain

if TYPE_CHECKING:
    from openai import AsyncOpenAI

USUAL_SERVERS = (
    ("Ollama", "http://127.0.0.1:11434/v1"),
    ("LM Studio", "http://127.0.0.1:1234/v1"),
    ("llama.cpp", "http://127.0.0.1:8080/v1"),
    ("vLLM", "http://127.0.0.1:8000/v1"),
)
"""Programs that serve language models, and where each of them listens unless told otherwise."""

_NO_KEY = "none"
"""The client insists on a key, servers on this machine do not read it. Never the one of the environment."""


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that answered with a list of its models."""

    name: str
    base_url: str
    models: tuple[str, ...]


def connect(base_url: str, key: str, connect_s: float, read_s: float) -> AsyncOpenAI:
    """A client that fails rather than waits. It follows no redirection, and uses a proxy for far servers only."""
    import openai

    time_out = openai.Timeout(read_s, connect=connect_s)
    return openai.AsyncOpenAI(
        base_url=base_url,
        api_key=key or _NO_KEY,
        max_retries=0,
        timeout=time_out,
        http_client=openai.DefaultAsyncHttpxClient(
            timeout=time_out, follow_redirects=False, trust_env=not is_on_this_machine(base_url)
        ),
    )


async def list_models(client: AsyncOpenAI) -> tuple[str, ...]:
    """The names of a server's models in its own order. Errors are those of the client; nonsense is no model."""
    page = await client.models.list()
    entries = page.data if isinstance(getattr(page, "data", None), list) else []
    return tuple(entry.id for entry in entries if isinstance(getattr(entry, "id", None), str))


async def models_at(base_url: str, key: str = "", within_s: float = 5.0) -> tuple[str, ...]:
    """The models of a server that the user named; raises ModelTrouble with the sentence to show."""
    import openai

    client = connect(base_url, key, within_s, within_s)
    try:
        return await list_models(client)
    except (openai.OpenAIError, ValueError) as error:
        raise explain(error, base_url, "", bool(key)) from error
    finally:
        await client.close()


async def find_servers(
    candidates: tuple[tuple[str, str], ...] = USUAL_SERVERS, within_s: float = 1.0
) -> tuple[FoundServer, ...]:
    """Those of the candidates that answer within a second, all asked at once; nothing outside this machine is asked."""
    found = await asyncio.gather(*(_ask(name, url, within_s) for name, url in candidates))
    return tuple(server for server in found if server is not None)


async def _ask(name: str, base_url: str, within_s: float) -> FoundServer | None:
    import openai

    client = connect(base_url, "", within_s, within_s)
    try:
        async with asyncio.timeout(within_s):
            return FoundServer(name, base_url, await list_models(client))
    except (openai.OpenAIError, ValueError, TimeoutError):
        return None  # nobody there, or somebody else's program: both are usual
    finally:
        await client.close()
