"""What people see in an editor, from the language server behind most of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from support import needs
from support.editors.language_server import LanguageServer, install, language_server
from support.paths import ROOT

pytestmark = pytest.mark.slow("a language server from npm")

_NUMBERS = count()
HEAD = """\
# yaml-language-server: $schema=../.schema/team-egress.schema.json
apiVersion: transire/v1
kind: TeamEgress
team: shop
contact: shop@example.com
"""


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's values with the schemas that are generated for it."""
    folder = tmp_path_factory.mktemp("editor") / "values"
    shutil.copytree(ROOT / "values", folder)
    return folder


@pytest.fixture(scope="module")
def server(values: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip(needs.NPM)
    folder = tmp_path_factory.mktemp("npm")
    if not install(folder):
        pytest.skip(needs.NPM)
    with language_server(folder, values.parent) as found:
        yield found


class Editor:
    """One file in an editor; a place is a word of the text, the cursor at its beginning or end."""

    def __init__(self, server: LanguageServer, path: Path, text: str) -> None:
        self._server, self._text = server, text
        self._uri = server.open(path, text)

    def _place(self, word: str, *, after: bool = False) -> tuple[int, int]:
        start = self._text.index(word) + (len(word) if after else 0)
        before = self._text[:start]
        return before.count("\n"), start - before.rfind("\n") - 1

    def hover(self, word: str) -> str:
        return self._server.hover(self._uri, *self._place(word))

    def completions(self, word: str) -> list[str]:
        return self._server.completions(self._uri, *self._place(word, after=True))

    def marks(self) -> list[tuple[str, str]]:
        lines = self._text.splitlines()
        return [(lines[line].strip(), words) for line, words in self._server.marks(self._uri)]


def team(server: LanguageServer, values: Path, rest: str) -> Editor:
    """A file of its own each time, since a server keeps what was open under a name."""
    return Editor(server, values / "teams" / f"shop-{next(_NUMBERS)}.yaml", HEAD + rest)


RULE = """\
namespaces:
  shop: [prod-eu]
egress:
  - name: api
    reason: charge cards
    ticket: SEC-1
    expires: 2036-01-31
    from: {app: web}
    to: [api.example.com, {cidr: 198.51.100.0/28, ports: [22]}]
    bundles: [github]
    ports: [443]
    environments: [prod]
    approximate: narrow
"""


def test_a_file_that_is_read_has_no_marks(server: LanguageServer, values: Path) -> None:
    assert team(server, values, RULE).marks() == []


@pytest.mark.parametrize(
    ("word", "title", "text"),
    [
        ("team:", "Team", "The name of the team, which is also the name of the file."),
        ("contact:", "Contact", "Who answers questions about this file."),
        ("name:", "Name", "Becomes the name of the policy and the word in every report"),
        ("reason:", "Reason", "What the workload does there"),
        ("ticket:", "Ticket", "Where this was agreed."),
        ("expires:", "Expires", "When this ends, a day or a time"),
        ("from:", "From", "The workloads: pod labels, or a list"),
        ("bundles:", "Bundles", "Vetted sets of hosts from values/bundles, by name."),
        ("ports: [443]", "Ports", "Ports of every destination that has none of its own"),
        ("ports: [22]", "Ports", "Ports of this destination alone"),
        ("environments:", "Environments", "In which environments the rule holds"),
        ("approximate:", "Approximate", "Either narrow (allow less) or widen (allow more)"),
    ],
)
def test_a_hover_shows_the_text_of_that_key(
    server: LanguageServer, values: Path, word: str, title: str, text: str
) -> None:
    shown = team(server, values, RULE).hover(word)

    assert shown.startswith(f"#### {title}\n\n{text}"), shown


def test_a_hover_in_the_file_of_the_platform_does_too(server: LanguageServer, values: Path) -> None:
    path = values / "platform.yaml"
    editor = Editor(server, path, path.read_text(encoding="utf-8"))

    assert editor.marks() == []
    assert editor.hover("environment: prod").startswith("#### Environment\n\nThe environment that")
    assert editor.hover("inCluster:").startswith("#### In the cluster\n\nWhich pods")
    assert editor.hover("mode:").startswith("#### Mode\n\nThe mode of every namespace")


@pytest.mark.parametrize(
    ("rest", "word", "proposed"),
    [
        ("namespaces:\n  shop: [prod-e]\n", "[prod-e", {"prod-eu", "prod-us", "staging", "edge"}),
        ("namespaces:\n  shop:\n    clusters:\n      p\n", "      p", {"prod-eu", "prod-us"}),
        ("egress:\n  - name: a\n    environments: [p]\n", "environments: [p", {"prod", "staging"}),
        ("egress:\n  - name: a\n    bundles: [g]\n", "bundles: [g", {"github"}),
        ("egress:\n  - name: a\n    clusters: [p]\n", "clusters: [p", {"prod-eu", "prod-onprem"}),
        ("egress:\n  - name: a\n    t\n", "    t", {"ticket", "to"}),
    ],
)
def test_names_of_this_repository_are_proposed(
    server: LanguageServer, values: Path, rest: str, word: str, proposed: set[str]
) -> None:
    assert proposed <= set(team(server, values, rest).completions(word))


def test_a_known_network_that_is_not_there_is_marked(server: LanguageServer, values: Path) -> None:
    shown = team(server, values, "egress:\n  - name: a\n    to: [{network: x}]\n").marks()

    assert any("network: x" in line for line, _ in shown)  # the example declares none


def test_mistakes_are_marked_with_words(server: LanguageServer, values: Path) -> None:
    wrong = """\
namespaces:
  shop: [prod-xx]
egress:
  - name: API
    reason: charge cards
    expires: 31.12.2036
    to:
      - https://api.example.com
      - {cidr: 999.0.0.0/24}
    ports: [99999/TCP]
    environments: [prd]
    bundels: [github]
"""
    marks = dict(team(server, values, wrong).marks())

    assert marks["shop: [prod-xx]"].startswith('Value is not accepted. Valid values: "edge", "prod')
    assert marks["- name: API"].startswith("Becomes the name of the policy") or marks[
        "- name: API"
    ].startswith("Lower-case letters, digits and inner hyphens")
    assert marks["expires: 31.12.2036"].startswith("A day such as 2027-03-31")
    assert marks["- https://api.example.com"].startswith("A name: api.example.com is that name")
    assert marks["- {cidr: 999.0.0.0/24}"].startswith("An IPv4 or IPv6 range such as")
    assert marks["ports: [99999/TCP]"].startswith("443, which means 443/TCP")
    assert marks["environments: [prd]"].startswith("Value is not accepted. Valid values:")
    assert marks["bundels: [github]"] == "Property bundels is not allowed."
    assert not [words for words in marks.values() if "does not match the pattern" in words]
