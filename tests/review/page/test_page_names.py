"""The page's own reading of hosts and addresses agrees with the model's."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from random import Random

import pytest
from selenium.webdriver import Chrome

from support.review.browser import installed, show
from transire.meaning.hosts import matches
from transire.model.names import HostPattern
from transire.model.net import contains, parse_cidr
from transire.review.page import page, tag

pytestmark = installed

CORNERS = (
    ("**", "a"),
    ("*", "a"),
    ("*", "a.b"),
    ("**.example.com", "example.com"),
    ("**.example.com", "a.b.c.example.com"),
    ("*.example.com", "a.b.example.com"),
    ("s3-*.example.com", "s3-.example.com"),
    ("a*a.example.com", "a.example.com"),
    ("a*b*c.example.com", "abc.example.com"),
    ("*a*.example.com", "bab.example.com"),
    ("x.*.example.com", "x.y.example.com"),
    ("xn--bcher-kva.example", "xn--bcher-kva.example"),
)


@pytest.fixture(scope="module")
def opened(chromium: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Chrome:
    folder: Path = tmp_path_factory.mktemp("names")
    empty = page(title="Names", summary=tag("p", ""), sections=(), data={})
    show(chromium, empty, folder / "page.html")
    return chromium


def drawn_pairs(random: Random) -> Iterator[tuple[str, str]]:
    """Patterns and names over few letters, so that many of them meet."""
    words = ("a", "b", "ab", "ba", "aab", "a-b", "_a")
    for _ in range(4000):
        labels = [random.choice(words) for _ in range(random.randint(1, 4))]
        parts = [
            "*"
            if random.random() < 0.2
            else random.choice((each, f"{each[0]}*", f"*{each[-1]}", "*a*b"))
            for each in labels
        ]
        if random.random() < 0.3:
            parts[0] = "**"
            labels[0:0] = [random.choice(words) for _ in range(random.randint(0, 2))]
        yield ".".join(parts), ".".join(labels)


def test_a_pattern_covers_what_the_model_says(opened: Chrome) -> None:
    pairs = [*CORNERS, *drawn_pairs(Random(7))]
    expected = [matches(HostPattern.parse(pattern), name) for pattern, name in pairs]

    answers = opened.execute_script("return arguments[0].map(([a, b]) => covers(a, b))", pairs)

    assert expected == answers
    assert 0.2 < sum(expected) / len(expected) < 0.8


def test_a_range_holds_what_the_model_says(opened: Chrome) -> None:
    random = Random(7)
    ranges = ["198.51.100.16/28", "0.0.0.0/0", "::/0", "2001:db8::/33", "10.0.0.0/9", "fd00::1/128"]
    addresses = [
        "198.51.100.16", "198.51.100.31", "198.51.100.32", "::", "::1", "fd00::1", "2001:db8::",
        "2001:DB8:8000::1", "1:2:3:4:5:6:7:8", "::ffff:198.51.100.16", "64:ff9b::1.2.3.4", "10.127.9.1",
        *(str(ip_address(random.getrandbits(32))) for _ in range(200)),
        *(str(ip_address(random.getrandbits(128))) for _ in range(200)),
    ]  # fmt: skip
    pairs = [(cidr, each) for cidr in ranges for each in addresses]
    expected = [
        contains(parse_cidr(cidr), parse_cidr(str(ip_address(each))))
        if "ffff" not in each
        else cidr == "::/0"
        for cidr, each in pairs
    ]

    script = "return arguments[0].map(([a, b]) => rangeHolds(a, asAddress(b)))"
    answers = opened.execute_script(script, pairs)

    assert expected == answers
    assert any(expected)


@pytest.mark.parametrize(
    "text",
    ["", "a", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", ":", ":::", "1::2::3", "g::1",
     "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "12345::", "::1.2.3", "1.2.3.4/8"],
)  # fmt: skip
def test_what_is_no_address_is_none(opened: Chrome, text: str) -> None:
    assert opened.execute_script("return asAddress(arguments[0])", text) is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("api.example.com", "api.example.com"),
        (" API.Example.com. ", "api.example.com"),
        ("https://api.example.com/v1?x=1#y", "api.example.com"),
        ("api.example.com:8443", "api.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("_dmarc.example.com", "_dmarc.example.com"),
        ("example", ""),
        ("*.example.com", ""),
        ("a..example.com", ""),
        ("-a.example.com", ""),
        ("charge cards", ""),
        ("charge.cards now", ""),
        (f"{'a' * 64}.example.com", ""),
        (".".join(["a" * 60] * 5), ""),
    ],
)
def test_a_name_that_somebody_types_is_read(opened: Chrome, typed: str, name: str) -> None:
    assert name == opened.execute_script("return asName(arguments[0])", typed)


@pytest.mark.parametrize("written", ["Bücher.example.", "straße.example", "api.example.com"])
def test_names_are_written_as_the_values_write_them(opened: Chrome, written: str) -> None:
    answer = opened.execute_script("return asName(arguments[0])", written)

    assert HostPattern.parse(written).text == answer
