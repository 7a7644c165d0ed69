"""The grammar of methods and paths, what each mistake comes to, and the normal form of a path."""

from __future__ import annotations

import pytest

from transire.model.http import Http, PathPattern, method_mistake
from transire.model.path_mistakes import path_mistakes
from transire.model.request_paths import normal_path


@pytest.mark.parametrize(
    "written",
    [
        "/", "/v1", "/v1/", "/*", "/**", "/v1/*/info", "/v1/**", "/a/*/b/*/", "/robots.txt",
        "/c++/$metadata", "/odata/Items(5)", "/a;b=c/@me/~x", "/...", "/.well-known/x",
    ],
)  # fmt: skip
def test_paths_are_kept_as_written(written: str) -> None:
    assert PathPattern.parse(written).text == written


@pytest.mark.parametrize(
    ("written", "messages"),
    [
        ("", ["a path is empty: write / for the root, or /** for all"]),
        ("v1/items", ["path 'v1/items' does not begin with /: write /v1/items"]),
        (
            "https://api.example.com/v1",
            [
                (
                    "'https://api.example.com/v1' is a URL, not a path: write the path alone, /v1, and "
                    "the host in to"
                )
            ],
        ),
        (
            "/v1/**/info",
            [
                (
                    "path '/v1/**/info' has ** in the wrong place: write /** at the end, where it is "
                    "everything below, and * for each single segment before it"
                )
            ],
        ),
        (
            "/v1/**x",
            [
                (
                    "path '/v1/**x' has ** in the wrong place: write /** at the end, where it is "
                    "everything below, and * for each single segment before it"
                ),
                (
                    "path '/v1/**x' has * as a part of the segment '**x': write * for the whole "
                    "segment, or each path that is meant"
                ),
            ],
        ),
        (
            "/v*/items",
            [
                (
                    "path '/v*/items' has * as a part of the segment 'v*': write * for the whole "
                    "segment, or each path that is meant"
                )
            ],
        ),
        (
            "/v1/[0-9]+",
            [
                (
                    "path '/v1/[0-9]+' looks like a regular expression: write * for one whole segment "
                    "and /** at the end for everything below, and all else as it is"
                )
            ],
        ),
        (
            "^/v1/.*$",
            [
                (
                    "path '^/v1/.*$' looks like a regular expression: write * for one whole segment "
                    "and /** at the end for everything below, and all else as it is"
                ),
            ],
        ),
        (
            "/v1/{id}",
            ["path '/v1/{id}' has the placeholder {id}: write * for the whole segment"],
        ),
        (
            "/v1/items?page=1",
            [
                (
                    "path '/v1/items?page=1' has a query: leave out what begins with ?: a path is "
                    "compared without it"
                )
            ],
        ),
        (
            "/v1#top",
            [
                (
                    "path '/v1#top' has a fragment: leave out what begins with #: a path is compared "
                    "without it"
                )
            ],
        ),
        (
            "/a/../b",
            [
                (
                    "path '/a/../b' has the segment ..: write the path that it comes to: requests are "
                    "compared after such segments are resolved"
                )
            ],
        ),
        (
            "/a/./b",
            [
                (
                    "path '/a/./b' has the segment .: write the path that it comes to: requests are "
                    "compared after such segments are resolved"
                )
            ],
        ),
        (
            "/a//b",
            [
                (
                    "path '/a//b' has two slashes in a row: write one: requests are compared after "
                    "slashes in a row are made one"
                )
            ],
        ),
        (
            "/a%2fb",
            [
                (
                    "path '/a%2fb' has the encoded slash %2F: write the segments with / between them: "
                    "no request with an encoded slash is let through by a path"
                )
            ],
        ),
        (
            "/a%20b",
            [
                (
                    "path '/a%20b' has an escape: write a character that needs none as it is, and * "
                    "for a segment with any other"
                )
            ],
        ),
        (
            "/café",
            [
                (
                    "path '/café' has the character 'é', which is not ASCII: write * for the whole "
                    "segment: such characters come as escapes, in more than one spelling"
                )
            ],
        ),
        (
            "/a b",
            [
                (
                    "path '/a b' has the character ' ': write letters, digits and any of "
                    "-._~!$&'()+,;=:@ in a segment"
                )
            ],
        ),
        (
            "/a/../é//**/x?y",
            [
                (
                    "path '/a/../é//**/x?y' has a query: leave out what begins with ?: a path is "
                    "compared without it"
                ),
                (
                    "path '/a/../é//**/x?y' has ** in the wrong place: write /** at the end, where it "
                    "is everything below, and * for each single segment before it"
                ),
                (
                    "path '/a/../é//**/x?y' has the segment ..: write the path that it comes to: "
                    "requests are compared after such segments are resolved"
                ),
                (
                    "path '/a/../é//**/x?y' has two slashes in a row: write one: requests are compared "
                    "after slashes in a row are made one"
                ),
                (
                    "path '/a/../é//**/x?y' has the character 'é', which is not ASCII: write * for the "
                    "whole segment: such characters come as escapes, in more than one spelling"
                ),
            ],
        ),
    ],
)
def test_everything_wrong_with_a_path_is_named_with_what_to_write(
    written: str, messages: list[str]
) -> None:
    found = [f"{each.message}: {each.advice}" for each in path_mistakes(written)]

    assert found == messages
    with pytest.raises(ValueError, match="; "):
        PathPattern.parse(written)


@pytest.mark.parametrize("written", ["GET", "M-SEARCH", "VERSION-CONTROL", "X_1"])
def test_methods_are_upper_case_words(written: str) -> None:
    assert method_mistake(written) is None


@pytest.mark.parametrize(
    ("written", "mistake"),
    [
        ("get", ("method 'get' is not in upper case", "write GET")),
        ("Get", ("method 'Get' is not in upper case", "write GET")),
        ("*", ("* is not a method", "leave methods out to let every method through")),
        (
            "CONNECT",
            (
                "CONNECT opens a tunnel, in which nobody sees a request",
                "leave it out, or write the hosts in a rule without http",
            ),
        ),
        (
            "GET|HEAD",
            (
                "'GET|HEAD' is not a method",
                "write one such as GET, of letters in upper case, digits, - and _",
            ),
        ),
        (
            "",
            (
                "'' is not a method",
                "write one such as GET, of letters in upper case, digits, - and _",
            ),
        ),
    ],
)
def test_what_is_no_method_is_named_with_what_to_write(
    written: str, mistake: tuple[str, str]
) -> None:
    assert method_mistake(written) == mistake


def test_http_is_in_order_and_has_methods_alone() -> None:
    paths = (PathPattern("/b"), PathPattern("/a"))

    for methods, given in ((("HEAD", "GET"), ()), (("get",), ()), ((), paths)):
        with pytest.raises(ValueError, match=r"method|order"):
            Http(methods=methods, paths=given)


def test_http_reads_as_methods_of_paths() -> None:
    http = Http(methods=("GET", "HEAD"), paths=(PathPattern("/a"), PathPattern("/b/**")))

    assert str(http) == "GET, HEAD of /a, /b/**"
    assert str(Http()) == "any method of any path"


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("/", "/"),
        ("/v1/x?y=/../z", "/v1/x"),
        ("/v1/../admin", "/admin"),
        ("/v1/%2e%2e/admin", "/admin"),
        ("/../..", "/"),
        ("/a/b/..", "/a/"),
        ("/v1/./x", "/v1/x"),
        ("//v1///x/", "/v1/x/"),
        ("/%761/x", "/v1/x"),
        ("/v1/a%20b%7C", "/v1/a%20b%7C"),
        ("/v1/;x=/../../admin", "/admin"),
    ],
)
def test_a_path_has_one_normal_form(written: str, normal: str) -> None:
    assert normal_path(written) == normal


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("v1", "path 'v1' does not begin with /; write one such as /v1/items"),
        (
            "/v1/..\\admin",
            "path '/v1/..\\\\admin' has a character that no request has as it is; write its escape",
        ),
        ("/a%zz", "path '/a%zz' has a character that no request has as it is; write its escape"),
        (
            "/v1/..%2fadmin",
            (
                "path '/v1/..%2fadmin' has an encoded slash, and no rule with paths lets such a "
                "request through; write one without"
            ),
        ),
        (
            "/v1/%5c",
            (
                "path '/v1/%5c' has an encoded backslash, and no rule with paths lets such a request "
                "through; write one without"
            ),
        ),
        (
            "/v1/%00",
            (
                "path '/v1/%00' has an encoded NUL, and no rule with paths lets such a request "
                "through; write one without"
            ),
        ),
    ],
)
def test_what_is_no_path_of_a_request_is_refused(written: str, why: str) -> None:
    with pytest.raises(ValueError, match="path") as error:
        normal_path(written)
    assert str(error.value) == why
