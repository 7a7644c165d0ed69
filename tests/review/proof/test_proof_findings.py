"""What people read when a proof fails, and that they can try the flow that it names."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from support.engines.lowering_parts import NETWORK, Text, cluster, target
from support.engines.proofs import Told, objects_of, problems_of, texts_of, told
from support.policy_repository import contents, copy_example, run
from transire.engines.registry import ENGINES
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.meaning.meaning import meaning
from transire.meaning.world import world
from transire.model.problems import Unjudgeable
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Verdict
from transire.review.proof.counter_example import as_judged, difference
from transire.review.proof.findings import as_query
from transire.yamlio import write

Tree = dict[str, Any]

HELP = (
    "\n  help: the charts and the values disagree: run `transire init --upgrade` if the charts were "
    "edited, else report this with the values file"
)
TEAM = "values/teams/payments.yaml:6:3: error: payments-prod.here: "
PLATFORM = "values/platform.yaml:3:5: error: here: "
CARDS: Text = {"name": "cards", "from": {"app": "checkout"}, "to": ["api.stripe.com"]}
LEDGER: Text = {
    "name": "ledger",
    "to": [{"namespace": "ledger", "pods": {"app": "db"}}],
    "ports": [5432],
}
NODES: Text = {"name": "nodes", "to": [{"entity": "nodes"}], "ports": [9100]}
OFFICE: Text = {"name": "office", "to": [{"cidr": "198.51.100.0/24"}]}


def cilium(*egress: Text, **text: Any) -> Told:  # noqa: ANN401 - as in a values file
    return told(target(cluster("cilium", "1.19", network=NETWORK), egress, **text))


def calico(*egress: Text, **text: Any) -> Told:  # noqa: ANN401 - as in a values file
    return told(target(cluster("calico", "3.30", network=NETWORK), egress, **text))


def kubernetes(*egress: Text, **text: Any) -> Told:  # noqa: ANN401 - as in a values file
    return told(target(cluster("kubernetes", network=NETWORK), egress, **text))


def changed(each: Told, name: str, change: Callable[[Tree], object]) -> Mapping[str, str]:
    """The manifests with one object changed, or left out where the change says so."""
    texts = dict(texts_of(each))
    for chart, text in texts.items():
        bodies = [copy.deepcopy(dict(found.body)) for found in objects_of({chart: text})]
        left = [
            body for body in bodies if body["metadata"]["name"] != name or change(body) != "lost"
        ]
        texts[chart] = "".join(f"---\n{write(body)}" for body in left)
    return texts


def said(each: Told, name: str, change: Callable[[Tree], object]) -> list[str]:
    return [str(found) for found in problems_of(each, changed(each, name, change))]


Change = Callable[[Tree], object]


def lose(_: Tree) -> str:
    return "lost"


def in_item(change: Change) -> Change:
    return lambda body: change(body["spec"]["egress"][0])


def in_spec(**fields: Any) -> Change:  # noqa: ANN401 - a tree of JSON
    return lambda body: body["spec"].update(fields)


def misspell(body: Tree) -> None:
    body["spec"]["egress"][0]["toFQDN"] = body["spec"]["egress"][0].pop("toFQDNs")


def with_port(number: str) -> Change:
    def change(item: Tree) -> None:
        item["toPorts"][0]["ports"].append({"port": number, "protocol": "TCP"})

    return in_item(change)


CARDS_ALLOWED = (
    "api.stripe.com (203.0.113.10) on 443/TCP from payments-prod/app=checkout is allowed by "
)
BY_CARDS = "CiliumNetworkPolicy payments-prod/egress-allow-cards (/spec/egress/0)"
NOT_BY_VALUES = "but not by the values (not-proved)"
NOT_BY_OBJECTS = "is allowed by the values but not by the objects (not-proved)"
HARDENED = cluster("cilium", "1.19", network=NETWORK, hardening=["sni"])
CASES: dict[str, tuple[Told, str, Change, list[str]]] = {
    "a port too many": (
        *(cilium(CARDS), "egress-allow-cards", with_port("22")),
        [
            (
                f"{TEAM}api.stripe.com (203.0.113.10) on 22/TCP from payments-prod/app=checkout is "
                f"allowed by {BY_CARDS} {NOT_BY_VALUES}"
            )
        ],
    ),
    "a lost host": (
        *(cilium(CARDS), "egress-allow-cards", lose),
        [f"{TEAM}{CARDS_ALLOWED}the values but not by the objects (not-proved)"],
    ),
    "lost pods": (
        *(cilium(LEDGER), "egress-allow-ledger", lose),
        [f"{TEAM}pod ledger/app=db on 5432/TCP from a pod of payments-prod {NOT_BY_OBJECTS}"],
    ),
    "a lost range": (
        *(kubernetes(OFFICE), "egress-allow-office", lose),
        [f"{TEAM}198.51.100.0 on 443/TCP from a pod of payments-prod {NOT_BY_OBJECTS}"],
    ),
    "lost nodes": (
        *(cilium(NODES), "egress-allow-nodes", lose),
        [
            (
                f"{TEAM}remote-node 192.168.10.0 on 9100/TCP from a pod of payments-prod "
                f"{NOT_BY_OBJECTS}"
            )
        ],
    ),
    "lost questions": (
        *(cilium(), "egress-dns", lose),
        [
            (
                f"{TEAM}pod kube-system/k8s-app=kube-dns on 53/TCP from a pod of payments-prod "
                f"{NOT_BY_OBJECTS}"
            )
        ],
    ),
    "a field that is dropped": (
        *(cilium(CARDS), "egress-allow-cards", misspell),
        [
            (
                f"{TEAM}the field /spec/egress/0/toFQDN would be dropped by the API server "
                "(pruned-field)"
            ),
            (
                f"{TEAM}203.0.113.10 on 443/TCP from payments-prod/app=checkout is allowed by "
                f"{BY_CARDS} {NOT_BY_VALUES}"
            ),
        ],
    ),
    "an object that the agent refuses": (
        *(cilium(CARDS), "egress-allow-cards", with_port("99999")),
        [
            (
                f"{TEAM}CiliumNetworkPolicy payments-prod/egress-allow-cards would be refused by the "
                "engine: /spec/egress/0/toPorts/0/ports/1/port '99999' is neither a port between 0 "
                "and 65535 nor a name (refused-object)"
            ),
            f"{TEAM}{CARDS_ALLOWED}the values but not by the objects (not-proved)",
        ],
    ),
    "a lost tier": (
        *(calico(), "egress", lose),
        [
            *(
                f"{TEAM}{each} would be refused by the api-server: /spec/tier 'egress' does not "
                "exist (refused-object)"
                for each in (
                    "GlobalNetworkPolicy egress.baseline-deny",
                    "NetworkPolicy payments-prod/egress.dns",
                    "NetworkPolicy payments-prod/egress.deny",
                )
            ),
            (
                f"{TEAM}203.0.113.10 on 443/TCP from a pod of payments-prod is allowed by the objects "
                f"{NOT_BY_VALUES}"
            ),
        ],
    ),
    "an object elsewhere": (
        *(cilium(LEDGER), "egress-deny", lambda body: body["metadata"].update(namespace="other")),
        [
            (
                f"{TEAM}CiliumNetworkPolicy other/egress-deny is not in the namespace payments-prod "
                "(stray-object)"
            )
        ],
    ),
    "an object of another kind": (
        *(kubernetes(), "egress-deny"),
        lambda body: body.update(apiVersion="v1", kind="ConfigMap"),
        [
            (
                f"{TEAM}ConfigMap payments-prod/egress-deny is of a kind that no team publishes "
                "(stray-object)"
            )
        ],
    ),
    "ingress of NetworkPolicy": (
        *(kubernetes(), "egress-deny", in_spec(policyTypes=["Ingress", "Egress"])),
        [
            (
                f"{TEAM}NetworkPolicy payments-prod/egress-deny would also decide what may come in "
                "(governs-ingress)"
            )
        ],
    ),
    "ingress of Cilium": (
        *(cilium(), "egress-deny", in_spec(ingress=[{}])),
        [
            (
                f"{TEAM}CiliumNetworkPolicy payments-prod/egress-deny would also decide what may come "
                "in (governs-ingress)"
            )
        ],
    ),
    "a baseline that selects everything": (
        *(cilium(), "egress-baseline-deny", in_spec(endpointSelector={})),
        [
            (
                f"{PLATFORM}the baseline blocks 203.0.113.10 on 443/TCP from a pod of default, and that "
                "namespace is not enrolled (not-enrolled)"
            )
        ],
    ),
    "an audit that blocks": (
        *(cilium(CARDS, mode="audit"), "egress-allow-cards"),
        lambda body: body["spec"].pop("enableDefaultDeny"),
        [f"{TEAM}203.0.113.10 on 443/TCP from payments-prod/app=checkout {NOT_BY_OBJECTS}"],
    ),
    "a forgotten server name": (
        *(told(target(HARDENED, [CARDS])), "egress-allow-cards"),
        in_item(lambda item: item["toPorts"][0].pop("serverNames")),
        [
            (
                f"{TEAM}api.stripe.com (203.0.113.10) on 443/TCP without a server name from "
                f"payments-prod/app=checkout is allowed by {BY_CARDS} {NOT_BY_VALUES}"
            )
        ],
    ),
    "another server name": (
        *(told(target(HARDENED, [CARDS])), "egress-allow-cards"),
        in_item(lambda item: item["toPorts"][0].update(serverNames=["x.example.com"])),
        [
            (
                f"{TEAM}api.stripe.com (203.0.113.10) on 443/TCP with server name x.example.com from "
                f"payments-prod/app=checkout is allowed by {BY_CARDS} {NOT_BY_VALUES}"
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_failed_proof_says_what_anyone_can_check(case: str) -> None:
    each, name, change, expected = CASES[case]

    assert [f"{line}{HELP}" for line in expected] == said(each, name, change)


@pytest.mark.parametrize("case", CASES)
def test_the_flow_of_a_failed_proof_is_decided_as_the_finding_says(case: str) -> None:
    each, name, change, _ = CASES[case]
    here = each.target.cluster
    objects = objects_of(changed(each, name, change))
    engine = ENGINES[here.release.engine]
    reading = engine.read(objects, here.release, ClusterState(), engine.options(here))
    pods = PodSet.in_namespace(each.target.namespace)
    traits = engine.traits(here)
    everything = world(here, traits)
    got = reading.flows(pods, PortSet.nothing()) & everything
    meant = (meaning(as_judged(each.target), traits).allowed & everything).restrict(source=pods)
    found = difference(got, meant)

    if found is not None and found.flow.server_name in {None, found.flow.host}:
        decided = reading.decide(as_query(found.flow)).verdict
        assert (Verdict.ALLOW if found.allowed else Verdict.DENY) == decided


AS_OF = ("--as-of", "2026-11-23")


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("- toFQDNs:", "- toFQDN:", "/toFQDN would be dropped by the API server (pruned-field)"),
        ("{{ .matchName | quote }}", '{{ print "x" .matchName | quote }}', NOT_BY_VALUES),
    ],
)
def test_a_template_that_means_something_else_is_never_written(
    tmp_path: Path, before: str, after: str, named: str
) -> None:
    folder = copy_example(tmp_path / "organisation")
    file = folder / "charts/egress-policy/templates/cilium.yaml"
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))
    untouched = contents(folder)

    generated, checked = run(folder, "generate", *AS_OF), run(folder, "check", *AS_OF)

    assert untouched == contents(folder)
    assert (generated.code, checked.code) == (1, 1)
    assert named in generated.out + generated.err
    assert named in checked.out
    assert "payments-prod.prod-eu: " in checked.out


def test_sets_that_cannot_be_compared_name_the_target_and_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    each = cilium(CARDS, LEDGER)
    texts = texts_of(each)
    monkeypatch.setattr(FlowSet, "limit", 1)

    with pytest.raises(Unjudgeable) as caught:
        problems_of(each, texts)

    assert str(caught.value) == (
        "values/teams/payments.yaml:6:3: payments-prod.here: the rules overlap in too many ways to "
        "tell all cases apart"
    )


@pytest.mark.parametrize("engine", [cilium, calico])
def test_a_lost_service_account_is_found_and_named(engine: Callable[..., Told]) -> None:
    accounts = [{"labels": {"app": "checkout"}, "serviceAccount": "billing"}]
    each = engine({**OFFICE, "from": accounts})
    wider = engine({**OFFICE, "from": {"app": "checkout"}})

    (found,) = problems_of(each, texts_of(wider))

    assert "is allowed by" in found.message
    assert "but not by the values" in found.message
