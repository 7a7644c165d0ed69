"""`verify`: what else may be in a cluster, or in what kubectl printed of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.dumps import Body, Dumps, dump, named, verified
from support.policy_repository import edit, git, run
from support.review.diffed_example import AS_OF, copy, organisation
from transire.api import VERIFY_FORMATS, redacted, verify_exit_code

pytestmark = pytest.mark.slow("charts are rendered, and clusters judged")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture(scope="module")
def dumps(original: Path) -> Dumps:
    return Dumps(original)


def kind(bodies: list[Body], name: str, part: str = "") -> Body:
    return next(e for e in bodies if e["kind"] == name and part in e["metadata"]["name"])


def in_storage(body: Body) -> Body:
    """An object as Calico's own storage has it."""
    metadata = body["metadata"]
    inside = {key: metadata[key] for key in ("labels", "annotations") if key in metadata}
    outside = {key: value for key, value in metadata.items() if key not in inside}
    annotations = {"projectcalico.org/metadata": json.dumps(inside)}
    spec = {key: value for key, value in body["spec"].items() if value not in ([], "", False)}
    for rule in spec.get("egress", []):
        rule.setdefault("source", {})
        rule.setdefault("destination", {})
    return {
        **body,
        "apiVersion": "crd.projectcalico.org/v1",
        "metadata": {**outside, "annotations": annotations},
        "spec": spec,
    }


def stored_by_calico(bodies: list[Body]) -> list[Body]:
    return [in_storage(e) if "projectcalico" in e["apiVersion"] else e for e in bodies]


def test_the_storage_of_calico_holds_the_same(original: Path, dumps: Dumps, tmp_path: Path) -> None:
    bodies = stored_by_calico(dumps.of("prod-onprem"))
    default: Body = {
        "apiVersion": "crd.projectcalico.org/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "default.mine", "namespace": "payments-prod"},
        "spec": {"types": ["Egress"], "egress": [{"action": "Allow"}]},
    }  # fmt: skip
    found = verified(original, bodies, tmp_path, cluster="prod-onprem")
    beside = verified(original, [*bodies, default], tmp_path, cluster="prod-onprem")

    assert (found.missing, found.changed, found.strangers) == ((), (), ())
    assert found.is_true
    assert [str(each.shown) for each in beside.strangers] == [
        "NetworkPolicy payments-prod/default.mine"
    ]


def test_a_set_of_a_stranger_counts_by_all_of_its_labels(
    original: Path, dumps: Dumps, tmp_path: Path
) -> None:
    bodies = dumps.of("prod-onprem")
    alien: Body = {
        "apiVersion": "projectcalico.org/v3", "kind": "NetworkSet",
        "metadata": {"name": "mine", "namespace": "payments-prod",
                     "labels": {"transire/set": "allow-card-processing"}},
        "spec": {"nets": ["203.0.113.0/24"]},
    }  # fmt: skip
    found = verified(original, [*bodies, alien], tmp_path, cluster="prod-onprem")
    [hit] = found.diff.targets

    assert [each.shown for each in found.strangers] == ["NetworkSet payments-prod/mine"]
    assert (hit.namespace, bool(hit.change.opens)) == ("payments-prod", True)
    assert "203.0.113.0/24" in VERIFY_FORMATS["text"](found)


def test_a_label_more_on_a_set_of_ours_opens_what_it_opens(
    original: Path, dumps: Dumps, tmp_path: Path
) -> None:
    bodies = dumps.of("prod-onprem")
    own = [e for e in bodies if e["kind"] == "NetworkSet"]
    one = next(e for e in own if e["metadata"]["namespace"] == "payments-prod")
    one["metadata"]["labels"]["tracked-by"] = "tool"
    alien: Body = {
        "apiVersion": "projectcalico.org/v3", "kind": "NetworkPolicy",
        "metadata": {"name": "egress.more", "namespace": "payments-prod"},
        "spec": {"tier": "egress", "order": 1, "types": ["Egress"], "egress": [
            {"action": "Allow", "protocol": "TCP",
             "destination": {"selector": "tracked-by == 'tool'", "ports": [22]}}]},
    }  # fmt: skip
    found = verified(original, bodies, tmp_path, cluster="prod-onprem")
    opened = verified(original, [*bodies, alien], tmp_path, cluster="prod-onprem")

    assert found.is_true
    assert any(each.change.opens for each in opened.diff.targets)


def test_a_tier_before_ours_counts_with_the_policies_in_it(
    original: Path, dumps: Dumps, tmp_path: Path
) -> None:
    tier: Body = {"apiVersion": "projectcalico.org/v3", "kind": "Tier",
                  "metadata": {"name": "first"}, "spec": {"order": 1}}  # fmt: skip
    policy: Body = {
        "apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkPolicy",
        "metadata": {"name": "first.open"},
        "spec": {"tier": "first", "types": ["Egress"], "egress": [{"action": "Allow"}]},
    }  # fmt: skip
    bodies = [*dumps.of("prod-onprem"), tier, policy]
    found = verified(original, bodies, tmp_path, cluster="prod-onprem")
    one = verified(original, bodies, tmp_path, cluster="", target="batch.prod-onprem")

    for each in (found, one):
        assert [stranger.shown for stranger in each.strangers] == ["GlobalNetworkPolicy first.open"]
        assert all(target.change.opens for target in each.diff.targets)
    assert len(found.diff.targets) == 2
    assert len(one.diff.targets) == 1


def test_what_is_not_accepted_or_being_deleted_is_named(
    original: Path, dumps: Dumps, tmp_path: Path
) -> None:
    bodies = dumps.of("prod-eu")
    refused = named(bodies, "card-processing")
    refused["status"] = {
        "conditions": [{"type": "Valid", "status": "False", "message": "spec: too many ports"}]
    }
    named(bodies, "ledger")["metadata"]["deletionTimestamp"] = "2026-11-30T12:00:00Z"
    found = verified(original, bodies, tmp_path)
    shown = VERIFY_FORMATS["text"](found).splitlines()
    [hit] = found.diff.targets

    assert hit.change.closes
    assert verify_exit_code(found) == 1
    assert (
        "not in force: CiliumNetworkPolicy payments-prod/egress-allow-card-processing: "
        "spec: too many ports"
    ) in shown
    assert (
        "being deleted: CiliumNetworkPolicy payments-prod/egress-allow-ledger, "
        "since 2026-11-30T12:00:00Z"
    ) in shown
    assert shown[-1].endswith(
        ": 0 missing, 0 changed, 1 not in force, 1 being deleted, 0 that the values do not have, "
        "1 namespaces that differ"
    )


def test_what_changed_is_named_by_its_place(original: Path, dumps: Dumps, tmp_path: Path) -> None:
    bodies = dumps.of("prod-eu")
    named(bodies, "card-processing")["spec"]["enableDefaultDeny"] = {"egress": False}
    found = verified(original, bodies, tmp_path)

    assert [(each.object, each.why) for each in found.changed] == [
        (
            "CiliumNetworkPolicy payments-prod/egress-allow-card-processing",
            "/spec/enableDefaultDeny",
        )
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'apiVersion: v1\nkind: Status\nmessage: "pods is forbidden"\ncode: 403\n',
            (
                ":1:1: error: Status is an error of the API server and no object: pods is forbidden"
                " (not-a-dump)"
            ),
        ),
        (
            "apiVersion: meta.k8s.io/v1\nkind: Table\n",
            ":1:1: error: Table is a table for people and no object (not-a-dump)",
        ),
        (
            "<html><body>502 Bad Gateway</body></html>",
            ":1:1: error: document 1 holds something else than an object (not-yaml)",
        ),
        (
            "apiVersion: v1\nkind: List\nmetadata: {continue: abc}\nitems: []\n",
            (
                ":1:1: error: document 1 is one page of a list, which goes on where "
                "metadata.continue says (not-yaml)"
            ),
        ),
    ],
)
def test_what_is_no_dump_is_refused_in_words(
    original: Path, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "dump.yaml"
    path.write_text(text, encoding="utf-8")
    done = run(original, "verify", "-f", str(path), "--cluster", "prod-eu")

    assert done.code == 1
    assert done.err.splitlines()[0] == f"{path}{message}"


def pod(name: str, namespace: str, **more: Any) -> Body:  # noqa: ANN401
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {}, **more}


def test_pods_are_counted_by_namespace_and_those_that_ended_are_none(
    original: Path, dumps: Dumps, tmp_path: Path
) -> None:
    pods = [
        *(pod(f"dns-{number}", "kube-system") for number in range(7)),
        pod("free", "nobodys"),
        pod("over", "nobodys", status={"phase": "Succeeded"}),
    ]
    found = verified(original, [*dumps.of("prod-eu"), *pods], tmp_path)
    shown = [e for e in VERIFY_FORMATS["text"](found).splitlines() if e.startswith("not held")]

    assert shown == [
        "not held: 1 pod of nobodys, not enrolled: free",
        (
            "not held: 7 pods of kube-system, of a system namespace: "
            "dns-0, dns-1, dns-2, dns-3, dns-4 and 2 more"
        ),
    ]


def test_what_the_input_cannot_show_is_named(original: Path, dumps: Dumps, tmp_path: Path) -> None:
    setting: Body = {"apiVersion": "cilium.io/v2", "kind": "CiliumNodeConfig",
                     "metadata": {"name": "off", "namespace": "kube-system"},
                     "spec": {"defaults": {"enable-policy": "never"}}}  # fmt: skip
    redirect: Body = {"apiVersion": "cilium.io/v2", "kind": "CiliumLocalRedirectPolicy",
                      "metadata": {"name": "away", "namespace": "identity"}, "spec": {}}  # fmt: skip
    converted: Body = {"apiVersion": "fqdn.konsole.is/v1alpha3", "kind": "NetworkPolicy",
                       "metadata": {"name": "names", "namespace": "identity"}, "spec": {}}  # fmt: skip
    others = [setting, redirect, converted]
    found = verified(original, [*dumps.of("prod-eu"), *others], tmp_path)
    alien = verified(original, dumps.of("prod-us")[:1], tmp_path)

    assert list(found.notes) == [
        "the input holds no CiliumCIDRGroup, NetworkPolicy: that counts as if the cluster had none",
        "not judged: CiliumNodeConfig kube-system/off, which can change what policies do",
        "not judged: CiliumLocalRedirectPolicy identity/away, which can change what policies do",
        "not judged: NetworkPolicy identity/names, which can change what policies do",
        "the input holds no Pod: which pods nothing holds was not looked at",
    ]
    assert alien.missing


def test_an_upgrade_names_what_it_reads_otherwise(
    original: Path, dumps: Dumps, tmp_path: Path
) -> None:
    ports = {"ports": [{"port": "9092", "protocol": "TCP"}]}
    alien: Body = {
        "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "theirs", "namespace": "payments-prod"},
        "spec": {"endpointSelector": {},
                 "egress": [{"toPorts": [{**ports, "rules": {"kafka": [{"role": "produce"}]}}]}]},
    }  # fmt: skip
    found = verified(original, [*dumps.of("prod-eu"), alien], tmp_path, release="1.20")
    shown = VERIFY_FORMATS["text"](found).splitlines()

    assert [each for each in shown if each.startswith("foreign: ")][-2:] == [
        (
            "foreign: CiliumNetworkPolicy payments-prod/theirs: refused "
            "(/spec/egress/0/toPorts/0/rules has none of http, dns, exactly one belongs) from then on"
        ),
        (
            "foreign: CiliumNetworkPolicy payments-prod/theirs: without "
            "/spec/egress/0/toPorts/0/rules/kafka from then on"
        ),
    ]
    assert shown[-1] == "prod-eu on 1.20: 2 readings of objects and 1 namespaces differ"
    assert verify_exit_code(found) == 3


def test_admission_of_ours_that_is_gone_is_missing(original: Path, tmp_path: Path) -> None:
    root = copy(original, tmp_path / "work")
    edit(root, "values/platform.yaml", "enrol: [batch]", "admission: true\nenrol: [batch]")
    assert run(root, "generate", "--as-of", str(AS_OF)).code == 0
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "guarded")
    bodies = Dumps(root).of("prod-eu")
    without = [each for each in bodies if not each["kind"].startswith("Validating")]

    assert verified(root, bodies, tmp_path).is_true
    assert verified(root, without, tmp_path).missing == (
        "ValidatingAdmissionPolicy egress-baseline",
        "ValidatingAdmissionPolicyBinding egress-baseline",
    )


def test_the_dump_may_be_a_folder_of_files(original: Path, dumps: Dumps, tmp_path: Path) -> None:
    bodies = dumps.of("prod-eu")
    folder = tmp_path / "dump"
    for number, half in enumerate((bodies[::2], bodies[1::2])):
        (folder / str(number)).mkdir(parents=True)
        dump(half, folder / str(number))
    done = run(original, "verify", "-f", str(folder), "--cluster", "prod-eu")

    assert done.code == 0, done.out


def test_redacted_names_no_pod_and_no_host(original: Path, dumps: Dumps, tmp_path: Path) -> None:
    alien: Body = {
        "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "theirs", "namespace": "payments-prod"},
        "spec": {"endpointSelector": {},
                 "egress": [{"toFQDNs": [{"matchName": "secret.example.org"}]}]},
    }  # fmt: skip
    found = verified(original, [*dumps.of("prod-eu"), alien, pod("ledger-7x", "nobodys")], tmp_path)
    hidden = redacted(found)
    text, document = (VERIFY_FORMATS[form](hidden) for form in ("text", "json"))

    assert "secret.example.org" in VERIFY_FORMATS["text"](found)
    assert "not held: 1 pod of nobodys, not enrolled: pod-1" in text
    assert "payments-prod: wider, risk high\n" in text
    assert json.loads(document)["effects"] == [
        {"target": "payments-prod.prod-eu", "effect": "wider", "risk": "high"}
    ]
    for shown in (text, document):
        assert "ledger-7x" not in shown
        assert "secret.example.org" not in shown
    assert verify_exit_code(hidden) == verify_exit_code(found)


def test_a_status_that_somebody_wrote_hides_nothing(
    original: Path, dumps: Dumps, tmp_path: Path
) -> None:
    denied = {"conditions": [{"type": "Valid", "status": "False", "message": "so they say"}]}
    alien: Body = {
        "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "status": denied,
        "metadata": {"name": "theirs", "namespace": "identity"},
        "spec": {"endpointSelector": {}, "egress": [{"toEntities": ["world"]}]},
    }  # fmt: skip
    bodies = [*dumps.of("prod-eu"), alien]
    wide = named(bodies, "card-processing")
    wide["status"] = denied
    wide["spec"]["egress"].append({"toEntities": ["world"]})
    found = verified(original, bodies, tmp_path)
    text = VERIFY_FORMATS["text"](found)

    assert {each.namespace for each in found.diff.targets if each.change.opens} == {
        "identity",
        "payments-prod",
    }
    assert "no rule: what the cluster holds beside the values, or otherwise" in text
    assert "it follows from the platform's settings" not in text


def test_a_cluster_without_any_policy_lacks_all_of_them(
    original: Path, dumps: Dumps, tmp_path: Path
) -> None:
    expected = len([e for e in dumps.of("prod-eu") if not e["kind"].startswith("ClusterRole")])
    found = verified(original, [pod("web", "identity")], tmp_path)

    assert len(found.missing) == expected
    assert all(each.change.opens for each in found.diff.targets)
    assert "the input holds none of the objects that prod-eu is to have: is it of there?" in (
        found.notes
    )
