"""Requests in clear over a connection: how they are written, and what is no such request."""

from __future__ import annotations

import json

import pytest

from transire.commands.explain_queries import many_queries, single_query
from transire.model.problems import Rejected, UsageError
from transire.queries.query import Connection, HttpRequest


def asked(destination: str, *, method: str = "", path: str = "") -> Connection:
    found = single_query("shop/app=web", destination, method=method, path=path).what
    assert isinstance(found, Connection)
    return found


@pytest.mark.parametrize(
    ("destination", "authority"),
    [
        ("api.example.com:80", "api.example.com"),
        ("api.example.com:8080", "api.example.com:8080"),
        ("198.51.100.7:80", "198.51.100.7"),
        ("[2001:db8::7]:8080", "[2001:db8::7]:8080"),
        ("pod:ledger/app=books:8080", ""),
    ],
)
def test_a_request_is_for_the_host_that_the_connection_leads_to(
    destination: str, authority: str
) -> None:
    found = asked(destination, method="PUT", path="/v1?x=1").request

    assert found == HttpRequest(method="PUT", path="/v1?x=1", host=authority)


def test_a_method_is_get_and_a_path_is_the_root_where_the_other_is_given() -> None:
    host = "api.example.com"

    assert asked(f"{host}:80", path="/v1").request == HttpRequest(
        method="GET", path="/v1", host=host
    )
    assert asked(f"{host}:80", method="PUT").request == HttpRequest(
        method="PUT", path="/", host=host
    )
    assert asked(f"{host}:80").request is None


@pytest.mark.parametrize(
    ("destination", "method", "path", "why"),
    [
        ("dns:api.example.com", "GET", "/", "a method and a path are those of a request over TCP"),
        (
            "api.example.com:80/UDP",
            "GET",
            "/",
            "a method and a path are those of a request over TCP",
        ),
        ("api.example.com:80", "GET /", "/", "'GET /' is not a method such as GET"),
        ("api.example.com:80", "GET", "v1", "path 'v1' does not begin with /"),
        (
            "api.example.com:80",
            "GET",
            "/a b",
            "path '/a b' has a character that no request has as it is",
        ),
        (
            "api.example.com:80",
            "GET",
            "/é",
            "path '/é' has a character that no request has as it is",
        ),
    ],
)
def test_what_is_no_request_is_refused(destination: str, method: str, path: str, why: str) -> None:
    with pytest.raises(UsageError) as error:
        single_query("shop", destination, method=method, path=path)
    assert str(error.value) == why


def line(**fields: object) -> str:
    return json.dumps({"id": "1", "from": "shop", "to": "api.example.com:80", **fields})


def test_lines_of_json_have_requests_in_both_forms() -> None:
    source = {"namespace": "shop", "labels": {}}
    long = {
        "kind": "connect",
        "host": "api.example.com",
        "port": 80,
        "request": {"method": "GET", "path": "/v1", "headers": {"X-Team": "a"}},
    }
    text = json.dumps({"id": "2", "source": source, "query": long})
    short, written = many_queries([line(method="DELETE", path="/v1/items/7"), text], "q.jsonl")

    assert isinstance(short.what, Connection)
    assert isinstance(written.what, Connection)
    assert short.what.request == HttpRequest(
        method="DELETE", path="/v1/items/7", host="api.example.com"
    )
    assert written.what.request == HttpRequest(method="GET", path="/v1", headers={"x-team": "a"})


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            {"path": "v1"},
            (
                "q.jsonl:1:0: error: path or its method is wrong: path 'v1' does not begin with / "
                "(query)\n  help: write them as GET and /v1/items"
            ),
        ),
        (
            {"method": 7},
            "q.jsonl:1:0: error: method is the number 7 (query)\n  help: write a string in double quotes",
        ),
    ],
)
def test_a_wrong_request_in_a_line_is_named(fields: dict[str, object], problem: str) -> None:
    with pytest.raises(Rejected) as error:
        list(many_queries([line(**fields)], "q.jsonl"))
    assert problem in str(error.value)
