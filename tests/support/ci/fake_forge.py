"""The part of GitHub's and of GitLab's API that keeps comments and issues, on loopback."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKENS = {"the-token": "github-actions[bot]", "glpat-token": "project_bot"}
_LIST = re.compile(r"/repos/example/egress/issues/7/comments|/projects/5/merge_requests/7/notes")
_ONE = re.compile(
    r"/repos/example/egress/issues/comments/(\d+)|/projects/5/merge_requests/7/notes/(\d+)"
)
_ISSUES = re.compile(r"/repos/example/egress/issues|/projects/5/issues")
_ISSUE = re.compile(r"/repos/example/egress/issues/(\d+)|/projects/5/issues/(\d+)")
_PAGE = 100


@dataclass(slots=True, kw_only=True)
class Issue:
    """One issue; its number is its place in the forge, from 1."""

    user: str
    title: str
    text: str
    open: bool = True
    is_pull_request: bool = False


@dataclass(slots=True, kw_only=True)
class Forge:
    """What was said under the change, by whom, and what was asked."""

    address: str = ""
    said: list[tuple[str, str]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refuses: bool = False


class _Server(ThreadingHTTPServer):
    def __init__(self, kept: Forge) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kept = kept
        kept.address = f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def forge() -> Iterator[Forge]:
    """A forge while the block runs."""
    kept = Forge()
    with _Server(kept) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield kept
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        kept = self._asked()
        where = urlsplit(self.path)
        if where.path == "/user":
            self._answer({"id": _id(self._user())})
            return
        query = parse_qs(where.query)
        assert query["per_page"] == [str(_PAGE)]
        start = (int(query["page"][0]) - 1) * _PAGE
        if _ISSUES.fullmatch(where.path):
            assert query["state"] == ["opened" if "projects" in where.path else "open"]
            found = [number for number, each in enumerate(kept.issues, 1) if each.open]
            self._answer([self._issue(each) for each in found[start : start + _PAGE]])
            return
        assert _LIST.fullmatch(where.path), where.path
        numbers = range(len(kept.said))[start : start + _PAGE]
        self._answer([self._comment(each) for each in numbers])

    def do_POST(self) -> None:
        kept = self._asked()
        if kept.refuses:
            self._answer({"message": "Resource not accessible by integration"}, 403)
            return
        if _ISSUES.fullmatch(self.path):
            given = self._fields()
            kept.issues.append(Issue(user=self._user(), title=given["title"], text=_text(given)))
            self._answer(self._issue(len(kept.issues)), 201)
            return
        assert _LIST.fullmatch(self.path), self.path
        kept.said.append((self._user(), self._text()))
        self._answer(self._comment(len(kept.said) - 1), 201)

    def do_PATCH(self) -> None:
        self._replace()

    def do_PUT(self) -> None:
        self._replace()

    def _replace(self) -> None:
        kept = self._asked()
        issue = _ISSUE.fullmatch(self.path)
        if issue:
            self._renew(kept.issues[int(issue[1] or issue[2]) - 1])
            self._answer(self._issue(int(issue[1] or issue[2])))
            return
        found = _ONE.fullmatch(self.path)
        assert found, self.path
        number = int(found[1] or found[2])
        kept.said[number] = (kept.said[number][0], self._text())
        self._answer(self._comment(number))

    def _asked(self) -> Forge:
        self.server.kept.asked.append(f"{self.command} {self.path}")
        return self.server.kept

    def _user(self) -> str:
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return TOKENS[self.headers.get("PRIVATE-TOKEN", bearer)]

    def _renew(self, issue: Issue) -> None:
        given = self._fields()
        issue.text = _text(given)
        issue.open = "closed" not in given.values() and given.get("state_event") != "close"

    def _fields(self) -> dict[str, str]:
        length = int(self.headers["Content-Length"])
        fields: dict[str, str] = json.loads(self.rfile.read(length))
        return fields

    def _text(self) -> str:
        return self._fields()["body"]

    def _issue(self, number: int) -> dict[str, Any]:
        issue = self.server.kept.issues[number - 1]
        more: dict[str, Any] = {"pull_request": {}} if issue.is_pull_request else {}
        who = {"user": {"login": issue.user}, "author": {"id": _id(issue.user)}}
        return {
            "number": number, "iid": number, "body": issue.text, "description": issue.text,
            **who, **more,
        }  # fmt: skip

    def _comment(self, number: int) -> dict[str, Any]:
        user, text = self.server.kept.said[number]
        return {"id": number, "body": text, "user": {"login": user}, "author": {"id": _id(user)}}

    def _answer(self, body: object, code: int = 200) -> None:
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _id(user: str) -> int:
    users = sorted(TOKENS.values())
    return users.index(user) if user in users else len(users)


def _text(fields: Mapping[str, str]) -> str:
    return fields["description"] if "description" in fields else fields["body"]
