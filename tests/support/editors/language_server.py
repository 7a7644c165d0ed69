"""A real `yaml-language-server`, and what an editor requests of it.

Source: the Language Server Protocol, 3.17; messages go over standard input and output.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VERSION = "1.25.0"
"""The release that is installed; a newer one may word its hovers differently."""

_CAPABILITIES = {
    "textDocument": {
        "hover": {"contentFormat": ["markdown"]},
        "completion": {"completionItem": {"snippetSupport": True}},
        "publishDiagnostics": {},
    },
    "workspace": {"configuration": True},
}
_SETTINGS = {"yaml": {"schemaStore": {"enable": False}, "validate": True, "completion": True}}


def install(folder: Path) -> bool:
    """Install the language server with npm, and whether that worked; npm prints why not."""
    words = ["npm", "install", "--no-audit", "--no-fund", f"yaml-language-server@{VERSION}"]
    done = subprocess.run(words, cwd=folder, check=False, timeout=300, stdout=subprocess.DEVNULL)
    return done.returncode == 0


class LanguageServer:
    """A session with the server; positions are counted from 0, as the protocol does."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._number = 0
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}

    def start(self, root: Path) -> None:
        """Begin a session in a folder."""
        folder = {"uri": root.as_uri(), "name": root.name}
        self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": root.as_uri(),
                "capabilities": _CAPABILITIES,
                "workspaceFolders": [folder],
            },
        )
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": _SETTINGS})

    def open(self, path: Path, text: str) -> str:
        """Show a file with this text; its address."""
        uri = path.as_uri()
        self._diagnostics.pop(uri, None)
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def close(self, uri: str) -> None:
        """Take the file away."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def hover(self, uri: str, line: int, column: int) -> str:
        """What is shown at a place; empty for nothing."""
        found = self.request("textDocument/hover", _place(uri, line, column))
        return "" if found is None else str(found["contents"]["value"])

    def completions(self, uri: str, line: int, column: int) -> list[str]:
        """The words that are proposed at a place."""
        found = self.request("textDocument/completion", _place(uri, line, column))
        items = found if isinstance(found, list) else (found or {}).get("items", [])
        return [str(each["label"]) for each in items]

    def marks(self, uri: str) -> list[tuple[int, str]]:
        """The lines of a file that are marked, with what is wrong there."""
        while uri not in self._diagnostics:
            self._take(self._read())
        found = self._diagnostics[uri]
        return sorted((int(each["range"]["start"]["line"]), each["message"]) for each in found)

    def notify(self, method: str, params: object) -> None:
        """Send what has no response."""
        self._write({"method": method, "params": params})

    def request(self, method: str, params: object) -> Any:  # noqa: ANN401 - any JSON
        """Send a request; its result."""
        self._number += 1
        number = self._number
        self._write({"id": number, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message.get("result")
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        """What the server sends by itself: findings, and questions about settings."""
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "id" in message and "method" in message:
            self._write({"id": message["id"], "result": _response(message)})

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self._process.stdin
        assert stream is not None
        stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        stream.flush()

    def _read(self) -> dict[str, Any]:
        stream = self._process.stdout
        assert stream is not None
        length = 0
        while (line := stream.readline().strip()) or not length:
            assert line, "the language server has ended"
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        message: dict[str, Any] = json.loads(stream.read(length))
        return message


def _response(message: dict[str, Any]) -> object:
    if message["method"] != "workspace/configuration":
        return None
    return [_SETTINGS.get(each.get("section", "")) for each in message["params"]["items"]]


def _place(uri: str, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}


@contextmanager
def language_server(installed: Path, root: Path) -> Iterator[LanguageServer]:
    """A session with the server that is installed in a folder."""
    program = installed / "node_modules/yaml-language-server/bin/yaml-language-server"
    with subprocess.Popen(
        ["node", str(program), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        server = LanguageServer(process)
        server.start(root)
        try:
            yield server
        finally:
            process.kill()
