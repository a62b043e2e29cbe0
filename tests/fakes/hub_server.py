"""A hub of models on the loopback interface that can be right, break off, lie, or stand still when a test wants it.

A real HTTP server on threads of its own, with the answers that huggingface_hub's client reads of the public one.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
_API = re.compile(r"/api/models/([^/]+/[^/]+)/revision/([^/]+)")
_FILE = re.compile(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
_PIECE = 1 << 14


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    start: int
    agent: str


@dataclass
class HubServer:
    """A repository with files; those whose names end in .onnx are large ones, told by SHA-256, the others by git's.

    `cuts`: after so many bytes of a file's body the connection breaks, once each; `dies_after_cuts`: 503 from then on.
    `holds_at`: a body stands still there until `go_on` is set. `sent`: other bytes in place of a file's own. `ranges`
    off: a server that starts anew. `error`: a status and the hub's code for it, on every request.
    """

    files: dict[str, bytes]
    repo: str = "somebody/tones-onnx"
    licence: str = "apache-2.0"
    commit: str = COMMIT
    cuts: list[int] = field(default_factory=list)
    dies_after_cuts: bool = False
    holds_at: int | None = None
    sent: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    error: tuple[int, str] | None = None
    asked: list[Asked] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"  # no connection outlives its answer

            def do_GET(self) -> None:
                hub.answer(self, body=True)

            def do_HEAD(self) -> None:
                hub.answer(self, body=False)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="hub")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def starts(self, name: str) -> list[int]:
        """From which byte a file's body was asked for, each time."""
        return [one.start for one in self.asked if one.method == "GET" and one.path.endswith(f"/{name}")]

    def checksum(self, name: str) -> str:
        """As the hub tells it."""
        content = self.files[name]
        if name.endswith(".onnx"):
            return hashlib.sha256(content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    def answer(self, request: BaseHTTPRequestHandler, body: bool) -> None:
        """One request."""
        path = unquote(urlsplit(request.path).path)
        found = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        start = int(found[1]) if found else 0
        agent = request.headers.get("User-Agent", "")
        self.asked.append(Asked(request.command, path, start, agent))
        api, file = _API.fullmatch(path), _FILE.fullmatch(path)
        if self.error is not None:
            self._fail(request, *self.error)
        elif api and api[1] == self.repo:
            self._list(request)
        elif file and file[1] == self.repo and file[3] in self.files:
            self._send(request, file[3], start if self.ranges else 0, body)
        else:
            self._fail(request, 404, "EntryNotFound" if file and file[1] == self.repo else "RepoNotFound")

    def _fail(self, request: BaseHTTPRequestHandler, status: int, code: str) -> None:
        request.send_response(status)
        request.send_header("X-Error-Code", code)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _list(self, request: BaseHTTPRequestHandler) -> None:
        siblings = []
        for name, content in self.files.items():
            told = {"rfilename": name, "size": len(content), "blobId": self.checksum(name)}
            if name.endswith(".onnx"):
                told["lfs"] = {"sha256": self.checksum(name), "size": len(content), "pointerSize": 130}
            siblings.append(told)
        values = {
            "id": self.repo,
            "sha": self.commit,
            "siblings": siblings,
            "cardData": {"license": self.licence},
        }
        data = json.dumps(values).encode()
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def _send(self, request: BaseHTTPRequestHandler, name: str, start: int, body: bool) -> None:
        content = self.sent.get(name, self.files[name])[start:]
        request.send_response(206 if start else 200)
        request.send_header("X-Repo-Commit", self.commit)
        request.send_header("ETag", f'"{self.checksum(name)}"')
        request.send_header("Accept-Ranges", "bytes")
        request.send_header("Content-Length", str(len(content)))
        if start:
            total = start + len(content)
            request.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        request.end_headers()
        if body:
            self._send_body(request, content, start)

    def _send_body(self, request: BaseHTTPRequestHandler, content: bytes, start: int) -> None:
        cut = self.cuts.pop(0) if self.cuts and len(content) > self.cuts[0] else None
        for place in range(0, len(content), _PIECE):
            if cut is not None and place + _PIECE > cut:
                request.wfile.write(content[place:cut])
                request.wfile.flush()
                request.close_connection = True
                if self.dies_after_cuts and not self.cuts:
                    self.error = (503, "")
                return
            if self.holds_at is not None and start + place >= self.holds_at:
                request.wfile.flush()
                self.held.set()
                self.go_on.wait()
            try:
                request.wfile.write(content[place : place + _PIECE])
            except OSError:  # the client went away, as a pause makes it
                request.close_connection = True
                return
