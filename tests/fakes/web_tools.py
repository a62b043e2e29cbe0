"""The test tool server over HTTP: one address on the loopback interface, an answer in JSON to each request."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.fakes.tool_server import answer


class WebTools:
    """`url` once it runs. What its tools did is appended to the file `log`."""

    def __init__(self, log: Path) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if "id" not in message:
                    self._send(202, b"")
                    return
                reply: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
                result = answer(message["method"], message.get("params") or {}, log)
                unknown = {"code": -32601, "message": "Method not found"}
                reply |= {"error": unknown} if result is None else {"result": result}
                self._send(200, json.dumps(reply).encode())

            def do_GET(self) -> None:
                self._send(405, b"")

            def do_DELETE(self) -> None:
                self._send(200, b"")

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="web tools")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/mcp"

    def __enter__(self) -> WebTools:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
