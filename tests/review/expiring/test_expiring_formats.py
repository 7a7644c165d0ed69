"""What ends soon: what is chosen, and every format of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import icalendar
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.draw.strategies_parts import HOSTILE_TEXTS, ends
from support.paths import ROOT
from transire.meaning.endings import Ending, Ends
from transire.model.ends import End
from transire.model.problems import Position
from transire.review.expiring.expiring import Expiring, expiring
from transire.review.expiring.formats import EXPIRING_FORMATS, MARKER, MOST_ROWS
from transire.values.load import load_files

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SCHEMA = json.loads(
    (ROOT / "generator/transire/review/expiring/expiring.schema.json").read_text("utf-8")
)
PLATFORM = b"""\
apiVersion: transire/v1
kind: Platform
publish: {registry: "oci://registry.example.com/egress"}
defaults: {mode: {mode: audit, until: 2026-12-24T18:00:00Z}, ports: [443], inCluster: declared}
clusters:
  eu: {engine: cilium, version: "1.19", environment: prod, dns: {profile: coredns}, gitops: argocd}
enrol: [batch]
codeowners: {platform: ["@example/platform"]}
guardrails: {bundleMaxAge: 90, expiresSoonDays: 30}
everyone:
  - {name: time, reason: set the clock, expires: 2026-12-01, to: [time.example.com], ports: [123/UDP]}
"""
TEAM = b"""\
apiVersion: transire/v1
kind: TeamEgress
team: shop
contact: "@example/shop"
namespaces: {shop: {clusters: [eu], mode: {mode: audit, until: 2026-12-30}}, web: {clusters: [eu], mode: enforce}}
egress:
  - {name: trial, reason: try a vendor, expires: 2026-11-29, to: [a.example.com]}
  - {name: later, reason: go on, expires: 2026-12-31, to: [b.example.com]}
  - {name: always, reason: needed, to: [c.example.com]}
"""
BUNDLE = b"""\
apiVersion: transire/v1
kind: Bundle
bundle: vendor
owner: security@example.com
reason: hosts of a vendor
published: {source: github, date: 2026-09-10, only: [service=api]}
to: [api.github.com]
"""
EXCEPTIONS = b"""\
apiVersion: transire/v1
kind: Exceptions
exceptions:
  - {rule: too-many-hosts, team: shop, entry: trial, approvedBy: boss@example.com, reason: agreed, until: 2026-12-15}
"""
FILES = {
    "values/platform.yaml": PLATFORM,
    "values/teams/shop.yaml": TEAM,
    "values/bundles/vendor.yaml": BUNDLE,
    "values/exceptions.yaml": EXCEPTIONS,
}


def found(**wanted: object) -> Expiring:
    return expiring(load_files(FILES), NOW, **wanted)  # type: ignore[arg-type] # as the command gives them


def test_text_has_everything_that_ends_with_its_owner_and_what_has_ended() -> None:
    assert EXPIRING_FORMATS["text"](found()) == (
        "rule trial of shop ended on 2026-11-29, 1 day ago: try a vendor\n"
        "  values/teams/shop.yaml:7:50, @example/shop; then nothing can be published for it until "
        "somebody edits the entry\n"
        "rule time for everyone ends on 2026-12-01, in 1 day: set the clock\n"
        "  values/platform.yaml:11:50, @example/platform; then nothing can be published for it until "
        "somebody edits the entry\n"
        "bundle vendor ends on 2026-12-09, in 9 days: hosts of a vendor\n"
        "  values/bundles/vendor.yaml:6:35, security@example.com; then it is older than the platform "
        "demands\n"
        "exception from too-many-hosts for trial of shop ends on 2026-12-15, in 15 days: agreed\n"
        "  values/exceptions.yaml:4:107, @example/shop, boss@example.com; then what it lets pass is "
        "refused\n"
        "audit of namespace batch on eu ends at 2026-12-24T18:00:00Z, in 24 days\n"
        "  values/platform.yaml:4:39, @example/platform; then the values are refused until the mode "
        "is another one\n"
        "audit of namespace shop on eu ends on 2026-12-30, in 30 days\n"
        "  values/teams/shop.yaml:5:64, @example/shop; then the values are refused until the mode is "
        "another one\n"
    )


@pytest.mark.parametrize(
    ("wanted", "entries"),
    [
        ({"days": 0}, ["trial"]),
        ({"days": 31}, ["trial", "time", "vendor", "trial", "batch", "shop", "later"]),
        ({"teams": ["shop"]}, ["trial", "trial", "shop"]),
        ({"owners": ["boss@example.com"]}, ["trial"]),
        (
            {"teams": ["shop"], "owners": ["security@example.com"]},
            ["trial", "vendor", "trial", "shop"],
        ),
        ({"owners": ["nobody@example.com"]}, []),
    ],
)
def test_days_teams_and_owners_choose(wanted: dict[str, object], entries: list[str]) -> None:
    assert [each.entry for each in found(**wanted).endings] == entries


def test_markdown_mentions_owners_that_can_be_mentioned_and_nobody_else() -> None:
    text = EXPIRING_FORMATS["markdown"](found(days=20))

    assert text.splitlines()[:6] == [
        MARKER,
        "## Egress: 4 entries end by 2026-12-20, or ended before",
        "",
        "| when | what | owners | reason | where |",
        "|---|---|---|---|---|",
        (
            "| ended on 2026\\-11\\-29, 1 day ago | rule trial of shop | @example/shop | try a vendor | "
            "`values/teams/shop.yaml:7:50` |"
        ),
    ]
    assert "| @example/shop, boss@&#8203;example.com |" in text
    nothing = EXPIRING_FORMATS["markdown"](found(owners=["nobody"]))
    assert nothing == f"{MARKER}\n## Egress: nothing ends by 2026-12-30\n"
    assert EXPIRING_FORMATS["text"](found(owners=["nobody"])) == "nothing ends by 2026-12-30\n"


def test_an_issue_has_room_for_what_is_shown() -> None:
    one = found().endings[0]
    many = replace(found(), endings=(replace(one, reason="é" * 300),) * 1000)
    text = EXPIRING_FORMATS["markdown"](many)

    assert len(text) <= 65_536
    assert text.count("\n| ended") == MOST_ROWS
    assert f"and {1000 - MOST_ROWS} more, which `transire expiring` lists\n" in text


@pytest.mark.parametrize("wanted", [{}, {"owners": ["nobody"]}])
def test_json_keeps_to_its_schema(wanted: dict[str, object]) -> None:
    document = json.loads(EXPIRING_FORMATS["json"](found(**wanted)))

    jsonschema.Draft7Validator(SCHEMA).validate(document)
    assert (document["as_of"], document["days"]) == ("2026-11-30T12:00:00Z", 30)


def test_a_calendar_has_whole_days_and_instants_and_keeps_its_events() -> None:
    events = parsed(found())

    assert len({str(each["UID"]) for each in events}) == len(events) == 6
    whole, moment = events[0], events[4]
    assert (whole.decoded("DTSTART"), whole.decoded("DTEND")) == (
        date(2026, 11, 29),
        date(2026, 11, 30),
    )
    assert moment.decoded("DTSTART") == datetime(2026, 12, 24, 18, tzinfo=UTC)
    assert str(whole["SUMMARY"]) == "egress: rule trial of shop ends"
    moved = replace(found().endings[0], until=End.on(date(2027, 1, 31)))
    [again] = parsed(replace(found(), endings=(moved,)))
    assert again["UID"] == whole["UID"]


def parsed(some: Expiring) -> list[icalendar.Event]:
    """The events as a calendar program reads them; a line that is wrong is an error."""
    text = EXPIRING_FORMATS["ics"](some)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    calendar = icalendar.Calendar.from_ical(text)
    assert isinstance(calendar, icalendar.Calendar)
    assert (calendar.errors, str(calendar["VERSION"])) == ([], "2.0")
    assert [each.errors for each in calendar.walk("VEVENT")] == [[]] * len(some.endings)
    return [each for each in calendar.walk("VEVENT") if isinstance(each, icalendar.Event)]


@given(
    reason=st.sampled_from(HOSTILE_TEXTS) | st.text(max_size=200),
    entry=st.text(max_size=90),
    until=ends(),
    what=st.sampled_from(Ends),
)
def test_whatever_a_text_holds_a_calendar_keeps_its_form(
    reason: str, entry: str, until: End, what: Ends
) -> None:
    ending = Ending(
        what=what, team="shop", entry=entry, cluster="", until=until, days=0, soon=True,
        reason=reason, at=Position(path="values/teams/shop.yaml", line=1, column=1),
    )  # fmt: skip
    [event] = parsed(Expiring(as_of=NOW, days=30, endings=(ending,)))

    assert str(event["DESCRIPTION"]).count("\n") <= 3
    assert event.decoded("DTSTART") in {until.day, until.last.replace(microsecond=0)}
    json.loads(EXPIRING_FORMATS["json"](Expiring(as_of=NOW, days=30, endings=(ending,))))
