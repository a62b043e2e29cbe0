"""A tool server over stdio that works, hangs, dies, or never comes up: python -m tests.fakes.tool_server MODE LOG.

MODE: well, dead (ends at once), mute (never answers). What its tools did is appended to the file LOG. Speaks the
protocol by itself, without the `mcp` package that it tests, and so starts at once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

WHOLE = {"type": "integer"}
TOOLS: list[dict[str, Any]] = [
    {
        "name": "add",
        "description": "The sum of two whole numbers.",
        "inputSchema": {"type": "object", "properties": {"a": WHOLE, "b": WHOLE}, "required": ["a", "b"]},
        "annotations": {"readOnlyHint": True},
    },
    {
        "name": "send_letter",
        "description": "Send a letter.",
        "inputSchema": {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]},
    },
    {"name": "hang", "description": "Never comes back.", "inputSchema": {"type": "object"}},
    {"name": "die", "description": "Ends the server without a word.", "inputSchema": {"type": "object"}},
    {"name": "fail", "description": "Fails.", "inputSchema": {"type": "object"}},
]


def note(log: Path, what: str) -> None:
    """Append to the log."""
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{what}\n")


def call(name: str, arguments: dict[str, Any], log: Path) -> dict[str, Any]:
    """A tool's result."""
    if name == "add":
        return {"content": [{"type": "text", "text": str(arguments["a"] + arguments["b"])}]}
    if name == "send_letter":
        note(log, f"letter to {arguments['to']}")
        return {"content": [{"type": "text", "text": f"Sent to {arguments['to']}."}]}
    if name == "hang":
        note(log, f"hangs {os.getpid()}")
        time.sleep(3600)  # deaf to everything, as a real one may be
    if name == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return {"content": [{"type": "text", "text": "the printer is on fire"}], "isError": True}


def answer(method: str, params: dict[str, Any], log: Path) -> dict[str, Any] | None:
    """The result of a request; None for a method that it does not know."""
    if method == "initialize":
        info = {"name": "test tools", "version": "1"}
        version = params["protocolVersion"]
        return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        return call(params["name"], params.get("arguments") or {}, log)
    return {} if method == "ping" else None


def serve(log: Path) -> None:
    """Answer line by line until the client closes."""
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message or "method" not in message:
            continue
        result = answer(message["method"], message.get("params") or {}, log)
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
        if result is None:
            reply["error"] = {"code": -32601, "message": "Method not found"}
        else:
            reply["result"] = result
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    mode, log_path = sys.argv[1], Path(sys.argv[2])
    if mode == "dead":
        sys.exit(3)
    if mode == "mute":
        sys.stdin.read()
    serve(log_path)
