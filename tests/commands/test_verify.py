"""`verify`: dumps of clusters as kubectl prints them, true and bent, against the values."""

from __future__ import annotations

import copy as copying
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from support.dumps import Body, Dumps, dump, named, verified
from support.paths import ROOT
from support.policy_repository import edit, git, run
from support.review.diffed_example import AS_OF, copy, organisation
from transire.api import VERIFY_FORMATS, verify_exit_code
from transire.model.problems import NotModelled, UsageError

pytestmark = pytest.mark.slow("charts are rendered, and clusters judged")

Change = Callable[[list[Body]], object]
CLUSTERS = ("prod-eu", "prod-onprem", "staging", "edge")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture(scope="module")
def dumps(original: Path) -> Dumps:
    return Dumps(original)


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return copy(original, tmp_path / "work")


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_a_cluster_that_holds_what_is_rendered_is_true(
    root: Path, dumps: Dumps, tmp_path: Path, cluster: str
) -> None:
    bodies = dumps.of(cluster)
    found = verified(root, bodies, tmp_path, cluster=cluster)

    assert len(bodies) > 3
    assert (found.missing, found.changed, found.strangers) == ((), (), ())
    assert found.diff.targets == ()
    assert found.is_true
    assert verify_exit_code(found) == 0


def drop_deny(bodies: list[Body]) -> None:
    baseline = [
        e
        for e in bodies
        if e["kind"] == "CiliumClusterwideNetworkPolicy" and "deny" in e["metadata"]["name"]
    ]
    assert baseline
    for each in baseline:
        bodies.remove(each)


def widen(bodies: list[Body]) -> None:
    named(bodies, "card-processing")["spec"]["egress"].append({"toEntities": ["world"]})


def drop_allow(bodies: list[Body]) -> None:
    bodies.remove(named(bodies, "card-processing"))


def add_foreign(bodies: list[Body]) -> None:
    bodies.append({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "break-glass-all", "namespace": "payments-prod",
                     "creationTimestamp": "2026-11-01T00:00:00Z"},
        "spec": {"endpointSelector": {}, "egress": [{"toEntities": ["all"]}]},
    })  # fmt: skip


def add_leftover(bodies: list[Body]) -> None:
    old = copying.deepcopy(named(bodies, "card-processing"))
    old["metadata"]["name"] = "egress-allow-old"
    bodies.append(old)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (widen, (0, 1, [], "opens")),
        (drop_allow, (1, 0, [], "closes")),
        (add_foreign, (0, 0, ["foreign"], "opens")),
        (add_leftover, (0, 0, ["leftover"], "")),
    ],
)  # fmt: skip
def test_what_differs_is_named_with_what_it_opens_or_closes(
    root: Path,
    dumps: Dumps,
    tmp_path: Path,
    change: Change,
    expected: tuple[int, int, list[str], str],
) -> None:
    missing, changed, strangers, effect = expected
    bodies = dumps.of("prod-eu")
    change(bodies)
    found = verified(root, bodies, tmp_path)
    shown = VERIFY_FORMATS["text"](found)
    hit = [each for each in found.diff.targets if each.namespace == "payments-prod"]

    assert (len(found.missing), len(found.changed)) == (missing, changed)
    assert [each.whose.value for each in found.strangers] == strangers
    assert verify_exit_code(found) == 1
    assert any(each.change.opens for each in hit) == (effect == "opens")
    assert any(each.change.closes for each in hit) == (effect == "closes")
    for kind in strangers:
        assert f"{kind}: CiliumNetworkPolicy payments-prod/" in shown


def test_a_missing_deny_of_the_baseline_opens_every_namespace(
    root: Path, dumps: Dumps, tmp_path: Path
) -> None:
    bodies = dumps.of("prod-eu")
    drop_deny(bodies)
    for each in [e for e in bodies if e["metadata"]["name"] == "egress-deny"]:
        bodies.remove(each)
    found = verified(root, bodies, tmp_path)

    assert found.missing
    assert verify_exit_code(found) == 1


def test_of_one_target_its_own_namespace_counts(root: Path, dumps: Dumps, tmp_path: Path) -> None:
    bodies = dumps.of("prod-eu")
    add_foreign(bodies)
    here = verified(root, bodies, tmp_path, cluster="", target="payments-prod.prod-eu")
    there = verified(root, bodies, tmp_path, cluster="", target="identity.prod-eu")

    assert (len(here.strangers), len(there.strangers)) == (1, 0)
    assert (here.is_true, there.is_true) == (False, True)


def test_the_tree_that_is_ahead_does_not_count(root: Path, dumps: Dumps, tmp_path: Path) -> None:
    bodies = dumps.of("prod-eu")
    edit(root, "values/teams/payments.yaml", "to: [api.stripe.com, files.stripe.com]",
         "to: [api.stripe.com]")  # fmt: skip
    assert run(root, "generate", "--as-of", str(AS_OF)).code == 0
    found = verified(root, bodies, tmp_path)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "narrower")
    after = verified(root, bodies, tmp_path)
    before = verified(root, bodies, tmp_path, at="HEAD~1")

    assert (found.is_true, found.ahead) == (True, True)
    assert (after.is_true, after.ahead) == (False, False)
    assert before.is_true
    assert VERIFY_FORMATS["text"](found).startswith("the working tree is ahead of HEAD (")


def test_pods_that_nothing_holds_are_named(root: Path, dumps: Dumps, tmp_path: Path) -> None:
    pods: list[Body] = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
         "spec": {"hostNetwork": host}}
        for name, namespace, host in (
            ("held", "payments-prod", False), ("node", "payments-prod", True), ("free", "nobodys", False),
        )
    ]  # fmt: skip
    found = verified(root, [*dumps.of("prod-eu"), *pods], tmp_path)

    assert [(each.name, each.why) for each in found.unheld] == [
        ("free", "not enrolled"),
        ("node", "on the host's network"),
    ]
    assert found.is_true


def test_an_upgrade_is_read_by_the_new_release(root: Path, dumps: Dumps, tmp_path: Path) -> None:
    bodies = dumps.of("prod-eu")
    same = verified(root, bodies, tmp_path, release="1.18")
    with pytest.raises(NotModelled):
        verified(root, bodies, tmp_path, release="9.9")
    with pytest.raises(UsageError):
        verified(root, bodies, tmp_path, release="new")

    assert same.upgrade == "1.18"
    assert "prod-eu on 1.18: " in VERIFY_FORMATS["text"](same)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"cluster": ""}, "name either --target NAMESPACE.CLUSTER or --cluster NAME"),
        ({"target": "a.b"}, "name either --target NAMESPACE.CLUSTER or --cluster NAME"),
        ({"cluster": "mars"}, ("there is no cluster 'mars'; the clusters are edge, prod-eu, "
                              "prod-onprem, prod-us, staging")),
        ({"cluster": "", "target": "nobodys.prod-eu"},
         "'nobodys' is not enrolled on 'prod-eu'; there are "),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_named_wrongly_is_a_usage_error(
    root: Path, dumps: Dumps, tmp_path: Path, more: dict[str, str], text: str
) -> None:
    with pytest.raises(UsageError) as wrong:
        verified(root, dumps.of("prod-eu")[:1], tmp_path, **more)

    assert str(wrong.value).startswith(text)


def test_the_command_prints_and_ends_by_what_it_found(
    root: Path, dumps: Dumps, tmp_path: Path
) -> None:
    bodies = dumps.of("prod-eu")
    true = run(root, "verify", "-f", str(dump(bodies, tmp_path)), "--cluster", "prod-eu")
    add_foreign(bodies)
    path = dump(bodies, tmp_path)
    bent = run(root, "verify", "-f", str(path), "--cluster", "prod-eu", "--format", "json")
    schema = ROOT / "generator/transire/commands/verify/verify.schema.json"
    document = json.loads(bent.out)

    assert (true.code, bent.code) == (0, 1)
    assert true.out.splitlines()[-1].startswith("prod-eu holds what HEAD (")
    jsonschema.Draft7Validator(json.loads(schema.read_text("utf-8"))).validate(document)
    assert document["strangers"][0]["since"] == "2026-11-01T00:00:00+00:00"


def test_input_that_holds_no_policy_or_one_twice_is_refused(
    root: Path, dumps: Dumps, tmp_path: Path
) -> None:
    bodies = dumps.of("prod-eu")
    bent = copying.deepcopy(bodies)
    widen(bent)
    with pytest.raises(UsageError, match="there is no object in the input"):
        verified(root, [], tmp_path)
    with pytest.raises(UsageError, match="is in the input 2 times: give it once"):
        verified(root, [*bent, *bodies], tmp_path)


def test_tiers_of_the_engine_are_no_strangers(root: Path, dumps: Dumps, tmp_path: Path) -> None:
    bodies = dumps.of("prod-onprem")
    tiers: list[Body] = [
        {"apiVersion": "projectcalico.org/v3", "kind": "Tier", "metadata": {"name": name},
         "spec": {"order": 1_000_000}}
        for name in ("default", "adminnetworkpolicy")
    ]  # fmt: skip

    assert verified(root, [*bodies, *tiers], tmp_path, cluster="prod-onprem").is_true


def test_what_is_left_where_nobody_publishes_is_named(
    root: Path, dumps: Dumps, tmp_path: Path
) -> None:
    bodies = dumps.of("prod-eu")
    old = copying.deepcopy(named(bodies, "card-processing"))
    old["metadata"]["namespace"] = "former"
    found = verified(root, [*bodies, old], tmp_path)

    assert [each.shown for each in found.strangers] == [
        "CiliumNetworkPolicy former/egress-allow-card-processing"
    ]


def test_what_to_get_of_a_cluster_is_printed_a_resource_on_each_line(original: Path) -> None:
    cilium = run(original, "verify", "--cluster", "prod-eu", "--resources")
    calico = run(original, "verify", "--cluster", "prod-onprem", "--resources")
    nothing = run(original, "verify", "--cluster", "prod-eu")

    assert cilium.out.splitlines()[:3] == [
        "ciliumcidrgroups.cilium.io",
        "ciliumclusterwidenetworkpolicies.cilium.io",
        "ciliumnetworkpolicies.cilium.io",
    ]
    assert {
        "adminnetworkpolicies.policy.networking.k8s.io",
        "networkpolicies.networking.k8s.io",
        "pods",
    } <= {*cilium.out.splitlines()}
    assert len({*calico.out.splitlines()}) == len(calico.out.splitlines())
    assert {"networksets.projectcalico.org", "tiers.crd.projectcalico.org"} <= {
        *calico.out.splitlines()
    }
    assert nothing.code == 2
    assert nothing.err.endswith(
        "Error: give what the cluster holds with -f, or - for standard input\n"
    )
