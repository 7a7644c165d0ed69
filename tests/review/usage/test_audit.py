"""`audit` against logs whose truth is known: what was used is used, and nothing else is unused."""

from __future__ import annotations

import json
import random
from pathlib import Path

import jsonschema
import pytest

from support.paths import ROOT
from support.policy_repository import run
from support.synthetic_logs import Log, Reach, World, address, written
from transire.api import AUDIT_FORMATS, redacted
from transire.commands.audit import audit, audit_exit_code
from transire.review.usage.audit import Audit, Standing

CHECKOUT = "payments-prod", "checkout"
ENTRIES = {
    ("card-processing", "api.stripe.com"): (*CHECKOUT, "api.stripe.com", 443),
    ("card-processing", "files.stripe.com"): (*CHECKOUT, "files.stripe.com", 443),
    ("receipts", "**.storage.example.net"): (*CHECKOUT, "eu.a.storage.example.net", 443),
}
"""Entries of payments-prod.prod-eu, with a flow that is one of each."""
BESIDE = [(*CHECKOUT, "evil.example.org", 443), (*CHECKOUT, "api.stripe.com", 8443)]
DAYS = 30


def reach(key: tuple[str, str, str, int], source: random.Random) -> Reach:
    namespace, app, host, port = key
    return Reach(namespace=namespace, app=app, host=host, port=port, addresses=(address(source),))


def drawn(seed: int, folder: Path) -> tuple[set[tuple[str, str]], Log, Path]:
    """Which entries are used, the log, and its file."""
    source = random.Random(seed)
    used = {each for each in ENTRIES if source.random() < 0.5}
    world = World(
        cluster="prod-eu",
        days=DAYS + 1,
        passed=tuple(reach(ENTRIES[each], source) for each in sorted(used)),
        denied=tuple(reach(each, source) for each in BESIDE),
        noise=0.5 + source.random(),
    )
    log = written(world, seed)
    path = folder / "events.log"
    lines = list(log.lines)
    source.shuffle(lines)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return used, log, path


def standings(found: Audit) -> dict[tuple[str, str], Standing]:
    return {
        (each.entry.rule.name, each.entry.shown): each.standing
        for each in found.uses
        if each.entry.target.name == "payments-prod.prod-eu"
    }


@pytest.mark.parametrize("seed", range(4))
def test_what_was_used_is_used_and_the_rest_is_unused(seed: int, tmp_path: Path) -> None:
    used, log, path = drawn(seed, tmp_path)
    found = audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS)
    standing = standings(found)

    if not used:
        assert set(standing.values()) == {Standing.UNKNOWN}
        return
    assert {each for each, how in standing.items() if how is Standing.USED} == used
    assert {how for each, how in standing.items() if each not in used} == {Standing.UNUSED}
    for each in found.uses:
        key = each.entry.rule.name, each.entry.shown
        if key in used:
            assert each.count == log.passed[ENTRIES[key]]
            assert list(each.workloads) == ["Deployment/checkout"]


@pytest.mark.parametrize("seed", range(4))
def test_what_was_denied_is_wanted(seed: int, tmp_path: Path) -> None:
    _, log, path = drawn(seed, tmp_path)
    found = audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS)

    assert {
        (each.origin.namespace, "checkout", each.place, each.port): each.count
        for each in found.wanted
    } == dict(log.denied)
    assert {each.origin.shown for each in found.wanted} == {"Deployment/checkout"}


def test_a_log_that_is_too_short_makes_nothing_unused(tmp_path: Path) -> None:
    _, _, path = drawn(1, tmp_path)
    found = audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS + 60)

    assert Standing.UNUSED not in standings(found).values()
    assert "the logs cover 31.0 of 90 days" in {why for each in found.uses for why in each.why}
    assert audit_exit_code(found, fail=True) == 3


def cut(path: Path, *leave_out: str) -> Path:
    """The log without fields of its flows, as a mask leaves them out."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for line in lines:
        for each in leave_out:
            line["flow"].pop(each, None)
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    return path


def test_names_that_a_mask_left_out_come_from_lookups(tmp_path: Path) -> None:
    used, _, path = drawn(1, tmp_path)
    found = audit(
        ROOT, cut(path, "destination_names"), teams="payments", cluster="prod-eu", days=DAYS
    )

    assert {each for each, how in standings(found).items() if how is Standing.USED} == used


def without_lookups(path: Path) -> Path:
    lines = [line for line in path.read_text("utf-8").splitlines() if '"dns"' not in line]
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def test_without_names_anywhere_no_host_is_unused(tmp_path: Path) -> None:
    _, _, path = drawn(1, tmp_path)
    found = audit(
        ROOT,
        without_lookups(cut(path, "destination_names")),
        teams="payments",
        cluster="prod-eu",
        days=DAYS,
    )
    hosts = [each for each in found.uses if each.entry.is_host and each.maybe]

    assert hosts
    assert {each.standing for each in hosts} == {Standing.UNKNOWN}
    assert found.nameless > 0


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"7"}}',
         "7 events lost in HUBBLE_RING_BUFFER"),
        ("something else", "1 lines of {path} were not read: of no format that is known"),
    ],
)  # fmt: skip
def test_what_was_lost_or_not_read_makes_nothing_unused(
    line: str, why: str, tmp_path: Path
) -> None:
    _, _, path = drawn(1, tmp_path)
    path.write_text(f"{path.read_text('utf-8')}{line}\n", "utf-8")
    found = audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS)

    assert Standing.UNUSED not in standings(found).values()
    assert why.format(path=path) in {each for use in found.uses for each in use.why}


def test_a_gap_makes_nothing_unused(tmp_path: Path) -> None:
    _, _, path = drawn(1, tmp_path)
    kept = [line for line in path.read_text("utf-8").splitlines() if '"2026-06-1' not in line[:40]]
    path.write_text("".join(f"{line}\n" for line in kept), "utf-8")
    found = audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS)

    assert Standing.UNUSED not in standings(found).values()
    assert len(found.coverage.gaps) == 1


def test_a_namespace_of_two_clusters_needs_one_to_be_named(tmp_path: Path) -> None:
    _, _, path = drawn(1, tmp_path)
    path.write_text(path.read_text("utf-8").replace('"cluster_name": "prod-eu"', '"a": 1'), "utf-8")
    found = audit(ROOT, path, teams="payments", days=DAYS)

    assert found.unplaced["payments-prod"] > 0
    assert Standing.UNUSED not in standings(found).values()


def test_flows_of_a_team_that_is_not_named_are_of_no_several_clusters(tmp_path: Path) -> None:
    _, _, path = drawn(1, tmp_path)
    found = audit(ROOT, path, teams="ledger", days=DAYS)

    assert found.left_out["of targets that are not looked at"] > 0
    assert found.unplaced == {}


def test_every_form_holds_it(tmp_path: Path) -> None:
    _, _, path = drawn(1, tmp_path)
    found = audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS)
    schema = ROOT / "generator/transire/review/usage/audit.schema.json"
    document = json.loads(AUDIT_FORMATS["json"](found))

    jsonschema.Draft7Validator(json.loads(schema.read_text("utf-8"))).validate(document)
    for form in ("text", "markdown"):
        shown = AUDIT_FORMATS[form](found).replace("\\", "")
        assert all(each.entry.shown in shown for each in found.uses)
        assert "evil.example.org" in shown


def test_redacted_names_no_workload_and_no_unlisted_host(tmp_path: Path) -> None:
    _, _, path = drawn(1, tmp_path)
    found = redacted(audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS))

    for form in AUDIT_FORMATS.values():
        shown = form(found).replace("\\", "")
        assert "checkout" not in shown
        assert "evil.example.org" not in shown
        assert "monitoring" not in shown
        assert "host-" in shown
        assert "workload-1" in shown


def test_the_command_ends_by_what_was_unused(tmp_path: Path) -> None:
    used, _, path = drawn(1, tmp_path)
    words = (str(path), "--team", "payments", "--cluster", "prod-eu")
    failed = run(ROOT, "audit", *words, "--fail-unused", str(DAYS))
    looked = run(ROOT, "audit", *words, "--days", str(DAYS))

    assert used
    assert used < ENTRIES.keys()
    assert (failed.code, looked.code) == (1, 0)
    assert failed.out.splitlines()[-1].endswith(f"(within {DAYS} days)")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--team", "nobody"), "there is no team 'nobody'; the teams are analytics, factory, "),
        (("--cluster", "mars"), ("there is no cluster 'mars'; the clusters are edge, prod-eu, prod-onprem, "
                                "prod-us, staging")),
        (("--log-format", "syslog"), "there is no format 'syslog'; the formats are calico-enterprise"),
    ],
)  # fmt: skip
def test_what_is_named_wrongly_is_a_usage_error(
    words: tuple[str, ...], text: str, tmp_path: Path
) -> None:
    (tmp_path / "a.log").write_text("")
    done = run(ROOT, "audit", str(tmp_path / "a.log"), *words)

    assert done.code == 2
    assert done.err.startswith(text)


def test_logs_of_others_cover_nothing_of_a_namespace(tmp_path: Path) -> None:
    _, _, path = drawn(1, tmp_path)
    lines = path.read_text("utf-8").splitlines()
    ours = [each for each in lines if '"payments-prod"' in each]
    kept = [each for each in lines if '"payments-prod"' not in each] + ours[:1]
    path.write_text("".join(f"{line}\n" for line in kept), "utf-8")
    found = audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS)

    assert Standing.UNUSED not in standings(found).values()


def test_the_cluster_that_a_line_names_is_its_own(tmp_path: Path) -> None:
    _, _, path = drawn(1, tmp_path)
    named = path.read_text("utf-8").replace('"prod-eu"', '"prod-onprem"')
    path.write_text(named, "utf-8")
    found = audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS)
    free = audit(ROOT, path, teams="payments", days=DAYS)

    assert Standing.USED not in standings(found).values()
    assert free.unplaced == {}


@pytest.mark.parametrize(
    ("cluster", "named", "why"),
    [
        ("prod-eu", "kind-kind", "of kind-kind, which is no cluster of the values"),
        ("", "kind-kind", "of kind-kind, which is no cluster of the values"),
        ("prod-eu", "prod-onprem", "of prod-onprem"),
    ],
)
def test_lines_of_another_cluster_are_counted_and_are_no_use(
    cluster: str, named: str, why: str, tmp_path: Path
) -> None:
    _, log, path = drawn(1, tmp_path)
    path.write_text(path.read_text("utf-8").replace('"prod-eu"', f'"{named}"'), "utf-8")
    found = audit(ROOT, path, teams="payments", cluster=cluster, days=DAYS)

    assert Standing.USED not in standings(found).values()
    assert found.left_out[why] >= sum(log.passed.values()) + sum(log.denied.values())
    assert f"passed over: {found.left_out[why]:,} flows, {why}" in AUDIT_FORMATS["text"](found)


def test_a_name_that_nobody_gave_a_cluster_names_none(tmp_path: Path) -> None:
    used, _, path = drawn(1, tmp_path)
    path.write_text(path.read_text("utf-8").replace('"prod-eu"', '"default"'), "utf-8")
    found = audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS)

    assert {each for each, how in standings(found).items() if how is Standing.USED} == used


def stamped(line: str, time: str) -> str:
    tree = json.loads(line)
    tree["time"] = tree["flow"]["time"] = time
    return json.dumps(tree)


@pytest.mark.parametrize("time", ["2016-01-01T00:00:00Z", "2029-01-01T00:00:00Z"])
def test_a_clock_that_was_wrong_spoils_no_audit_and_is_said(time: str, tmp_path: Path) -> None:
    used, _, path = drawn(1, tmp_path)
    lines = path.read_text("utf-8").splitlines()
    wrong = stamped(next(each for each in lines if '"monitoring"' in each), time)
    path.write_text("".join(f"{line}\n" for line in [*lines, wrong]), "utf-8")
    found = audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS)

    assert {each for each, how in standings(found).items() if how is Standing.USED} == used
    assert Standing.UNUSED in standings(found).values()
    assert (found.coverage.stray, found.coverage.gaps) == (1, ())
    assert (
        "of another time: 1 records, a year or more from all others, which the period leaves out"
    ) in AUDIT_FORMATS["text"](found)


def test_what_was_used_before_the_days_that_are_looked_at_is_unused(tmp_path: Path) -> None:
    used, log, path = drawn(3, tmp_path)
    assert len(used) > 1
    (rule, host) = next(iter(sorted(used)))
    lines = path.read_text("utf-8").splitlines()
    old = [stamped(each, "2016-01-01T00:00:00Z") if f'["{ENTRIES[rule, host][2]}"]' in each
           and '"FORWARDED"' in each else each for each in lines]  # fmt: skip
    path.write_text("".join(f"{line}\n" for line in old), "utf-8")
    found = audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS)
    (use,) = (
        each for each in found.uses
        if (each.entry.rule.name, each.entry.shown, each.entry.target.name)
        == (rule, host, "payments-prod.prod-eu")
    )  # fmt: skip

    assert use.standing is Standing.UNUSED
    assert use.count == log.passed[ENTRIES[rule, host]]
    assert f"unused: {rule}: {host}, {use.count} times before, last 2016-01-01" in (
        AUDIT_FORMATS["text"](found)
    )


def test_what_becomes_of_a_flow_that_is_not_in_the_log_is_no_use(tmp_path: Path) -> None:
    _, _, path = drawn(1, tmp_path)
    shown = path.read_text("utf-8").replace('"FORWARDED"', '"VERDICT_UNKNOWN"')
    path.write_text(shown, "utf-8")
    found = audit(ROOT, path, teams="payments", cluster="prod-eu", days=DAYS)

    assert set(standings(found).values()) == {Standing.UNKNOWN}
