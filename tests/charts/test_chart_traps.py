"""Ways in which a template could say more than its values, one test for each.

Each property holds for whatever the schemas let through: drawn values, hostile names among them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import given, settings

from support import needs
from support.charts.rendering import Object, objects, walk
from support.draw.chart_values import Tree, baseline_values, policy_values

CALICO = ("calico", "calico-enterprise")
ENGINES = ("cilium", *CALICO, "kubernetes")
L3 = {
    *("toEndpoints", "toCIDR", "toCIDRSet", "toEntities", "toServices", "toGroups", "toNodes"),
    "toFQDNs",
}
LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
OWNED: dict[str, Object] = {
    "cilium": {"enableDefaultDeny": {"egress": True}},
    "calico": {"egress": [], "serviceAccountSelector": ""},
    "calico-enterprise": {"egress": [], "serviceAccountSelector": ""},
    "kubernetes": {"egress": []},
}
"""Fields of the deny layer that would open it, at their defaults."""
DENY, PASS = {"action": "Deny"}, {"action": "Pass"}
POLICY_KINDS = {
    *("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "NetworkPolicy"),
    *("GlobalNetworkPolicy", "StagedNetworkPolicy", "StagedGlobalNetworkPolicy"),
}


@pytest.fixture(autouse=True)
def _sdk() -> None:
    needs.helm("sdk")


@cache
def drawn(chart: str, engine: str) -> tuple[tuple[Tree, list[Object]], ...]:
    """Values with the policies that they render; drawn once, because every test here reads them."""
    found: list[tuple[Tree, list[Object]]] = []
    values_of = policy_values if chart == "egress-policy" else baseline_values

    @settings(max_examples=80)
    @given(values_of(engine))
    def draw(values: Tree) -> None:
        rendered = objects(chart, values)
        found.append((values, [each for each in rendered if each["kind"] in POLICY_KINDS]))

    draw()
    return tuple(found)


def every_policy(engine: str, check: Callable[[Object], None]) -> None:
    """Check every policy that either chart renders, and that there are many."""
    policies = [
        each
        for chart in ("egress-policy", "egress-baseline")
        for _, rendered in drawn(chart, engine)
        for each in rendered
    ]
    assert len(policies) >= 80
    for each in policies:
        check(each)


def rules(each: Object) -> Iterator[Object]:
    """What allows, and Cilium's item that allows nothing."""
    yield from (one for one in each["spec"].get("egress", ()) if one not in (DENY, PASS))


def is_deny(each: Object) -> bool:
    return bool(each["metadata"]["labels"]["transire/layer"] == "deny")


def is_pass(each: Object) -> bool:
    return bool(each["metadata"]["labels"]["transire/layer"] == "audit")


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_rendered_empty_or_null_but_selectors_and_the_deny_layer(engine: str) -> None:
    selectors = {"endpointSelector", "podSelector", "namespaceSelector"}

    def check(each: Object) -> None:
        for key, value in walk(each["spec"]):
            assert value is not None, key
            if value in ([], {}):
                assert key in selectors or (key == "egress" and is_deny(each))
            if isinstance(value, list):
                assert value != [{}] or (key == "egress" and is_deny(each))

    every_policy(engine, check)


@pytest.mark.slow("many renderings by Helm")
def test_cilium_puts_destination_and_ports_in_one_item_with_one_kind_of_destination() -> None:
    def check(each: Object) -> None:
        for item in rules(each):
            assert len(item.keys() & L3) == (0 if is_deny(each) else 1)
            assert item.keys() - L3 <= {"toPorts"}

    every_policy("cilium", check)


@pytest.mark.slow("many renderings by Helm")
def test_cilium_allows_nothing_in_the_deny_layer_and_something_in_every_other_item() -> None:
    def check(each: Object) -> None:
        assert (each["spec"]["egress"] == [{}]) == is_deny(each)
        assert "egressDeny" not in each["spec"]
        assert each["specs"] == []

    every_policy("cilium", check)


def test_cilium_ports_are_decimal_text_with_a_protocol() -> None:
    def check(each: Object) -> None:
        for key, value in walk(each["spec"]):
            if key == "ports":
                for port in value:
                    assert re.fullmatch(r"[1-9][0-9]{0,4}", port["port"])
                    assert port["protocol"] in {"TCP", "UDP", "SCTP"}
                    assert isinstance(port.get("endPort", 1), int)

    every_policy("cilium", check)


def test_cilium_pods_always_have_a_namespace() -> None:
    namespace = "k8s:io.kubernetes.pod.namespace"

    def check(each: Object) -> None:
        for item in rules(each):
            for pods in item.get("toEndpoints", ()):
                named = namespace in pods.get("matchLabels", {})
                any_of_them = {"key": namespace, "operator": "Exists"} in pods.get(
                    "matchExpressions", []
                )
                assert named != any_of_them

    every_policy("cilium", check)


def test_cilium_labels_name_their_source() -> None:
    def check(each: Object) -> None:
        for key, value in walk(each["spec"]):
            if key == "matchLabels":
                assert all(label.startswith("k8s:") for label in value)

    every_policy("cilium", check)


def test_cilium_cluster_wide_policies_select_namespaces_by_name() -> None:
    def check(each: Object) -> None:
        if each["kind"] == "CiliumClusterwideNetworkPolicy":
            (expression,) = each["spec"]["endpointSelector"]["matchExpressions"]
            assert expression["key"] == "k8s:io.kubernetes.pod.namespace"
            assert expression["operator"] == "In"
            assert expression["values"]

    every_policy("cilium", check)


def test_cilium_default_deny_is_switched_off_by_every_object_of_audit_and_by_no_other() -> None:
    for values, rendered in drawn("egress-policy", "cilium"):
        for each in rendered:
            on = {"egress": True} if is_deny(each) and values["ownDefaults"] else None
            audit = values["mode"] == "audit"
            assert each["spec"].get("enableDefaultDeny") == ({"egress": False} if audit else on)
            if audit:
                assert not is_deny(each)
                assert "serverNames" not in str(each)


def test_cilium_baseline_denies_only_where_it_enforces() -> None:
    for values, rendered in drawn("egress-baseline", "cilium"):
        for each in rendered:
            if each["kind"] != "CiliumClusterwideNetworkPolicy":
                continue
            (expression,) = each["spec"]["endpointSelector"]["matchExpressions"]
            off = each["spec"].get("enableDefaultDeny") == {"egress": False}
            mode = "audit" if off else "enforce"
            if mode == "enforce":
                assert expression["values"] == values["enforce"]["namespaces"]
            else:
                (own,) = expression["values"]
                assert own in values["audit"]["namespaces"]
                assert each["metadata"]["name"].endswith(f"--{own}")
            assert not (is_deny(each) and mode == "audit")


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.parametrize("engine", CALICO)
def test_calico_policies_name_tier_order_and_direction(engine: str) -> None:
    def check(each: Object) -> None:
        assert each["apiVersion"] == "projectcalico.org/v3"
        assert each["spec"]["tier"] == "egress"
        assert isinstance(each["spec"]["order"], int)
        assert each["spec"]["types"] == ["Egress"]
        assert re.fullmatch(rf"egress\.{LABEL}", each["metadata"]["name"])

    every_policy(engine, check)


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.parametrize("engine", CALICO)
def test_calico_denies_by_having_no_rules_and_in_audit_by_one_before_all_passes(
    engine: str,
) -> None:
    def check(each: Object) -> None:
        staged, egress = each["kind"].startswith("Staged"), each["spec"].get("egress")
        if is_pass(each):
            assert (staged, egress, each["spec"]["order"]) == (False, [PASS], 9001)
        elif is_deny(each):
            assert (egress or []) == ([DENY] if staged else [])
            assert each["spec"]["order"] == 9000
        else:
            assert {rule["action"] for rule in egress} == {"Allow"}

    every_policy(engine, check)


@pytest.mark.parametrize("engine", CALICO)
def test_calico_rules_always_have_a_destination_that_narrows(engine: str) -> None:
    def check(each: Object) -> None:
        for rule in rules(each):
            assert {"selector", "nets", "services"} & rule["destination"].keys()
            assert rule.keys() <= {"action", "protocol", "destination"}

    every_policy(engine, check)


@pytest.mark.parametrize("engine", CALICO)
def test_calico_ports_have_a_protocol_and_single_ones_are_numbers(engine: str) -> None:
    def check(each: Object) -> None:
        for rule in rules(each):
            ports = rule["destination"].get("ports", [])
            assert not ports or rule["protocol"] in {"TCP", "UDP", "SCTP"}
            for port in ports:
                assert isinstance(port, int) or re.fullmatch(r"[0-9]+:[0-9]+", port)

    every_policy(engine, check)


@pytest.mark.parametrize("engine", CALICO)
def test_calico_rules_hold_one_ip_family(engine: str) -> None:
    def check(each: Object) -> None:
        for rule in rules(each):
            nets = [
                *rule["destination"].get("nets", ()),
                *rule["destination"].get("notNets", ()),
            ]
            assert len({":" in net for net in nets}) <= 1

    every_policy(engine, check)


@pytest.mark.parametrize("engine", CALICO)
def test_calico_selectors_are_one_line_and_tell_pods_from_sets(engine: str) -> None:
    pods = "projectcalico.org/orchestrator == 'k8s'"
    sets = "!has(projectcalico.org/orchestrator)"

    def check(each: Object) -> None:
        for key, value in walk(each["spec"]):
            if key.lower().endswith("selector"):
                assert "\n" not in value
                assert len(value) <= 1024
        for rule in rules(each):
            selector = rule["destination"].get("selector", pods)
            assert (pods in selector) != (sets in selector)

    every_policy(engine, check)


@pytest.mark.parametrize("engine", CALICO)
def test_calico_pods_name_their_namespaces_and_services_theirs(engine: str) -> None:
    def check(each: Object) -> None:
        for rule in rules(each):
            to = rule["destination"]
            if "orchestrator == 'k8s'" in to.get("selector", ""):
                assert to["namespaceSelector"] == "all()" or re.fullmatch(
                    rf"projectcalico\.org/name == '{LABEL}'", to["namespaceSelector"]
                )
            if "services" in to:
                assert to.keys() == {"services"}
                assert to["services"].keys() == {"name", "namespace"}

    every_policy(engine, check)


def test_calico_sets_of_the_baseline_are_global_so_no_namespace_can_fill_one() -> None:
    def check(each: Object) -> None:
        for rule in rules(each):
            to = rule["destination"]
            if "transire/set ==" in to.get("selector", ""):
                wide = each["kind"].removeprefix("Staged") == "GlobalNetworkPolicy"
                assert to.get("namespaceSelector") == ("global()" if wide else None)

    every_policy("calico-enterprise", check)


@pytest.mark.parametrize("engine", CALICO)
def test_calico_cluster_wide_policies_select_namespaces_by_name(engine: str) -> None:
    def check(each: Object) -> None:
        if each["kind"].removeprefix("Staged") == "GlobalNetworkPolicy":
            selector = each["spec"]["namespaceSelector"]
            assert re.fullmatch(rf"projectcalico\.org/name in \{{('{LABEL}'(, )?)+\}}", selector)

    every_policy(engine, check)


@pytest.mark.parametrize("engine", CALICO)
def test_calico_has_no_domain_in_a_rule_where_another_product_would_drop_it(engine: str) -> None:
    def check(each: Object) -> None:
        assert not {"domains", "dns"} & {key for key, _ in walk(each["spec"])}

    every_policy(engine, check)


@pytest.mark.parametrize("engine", CALICO)
def test_calico_stages_everything_in_audit_and_nothing_else(engine: str) -> None:
    for values, rendered in drawn("egress-policy", engine):
        for each in rendered:
            if each["kind"] != "NetworkSet":
                staged = each["kind"].startswith("Staged")
                assert (staged or is_pass(each)) == (values["mode"] == "audit")


@pytest.mark.slow("many renderings by Helm")
def test_kubernetes_policies_name_egress_even_where_they_have_no_rules() -> None:
    def check(each: Object) -> None:
        assert each["apiVersion"] == "networking.k8s.io/v1"
        assert each["spec"]["policyTypes"] == ["Egress"]
        assert (not each["spec"].get("egress")) == is_deny(each)

    every_policy("kubernetes", check)


@pytest.mark.slow("many renderings by Helm")
@pytest.mark.parametrize(("engine", "fields"), OWNED.items())
def test_the_deny_layer_writes_the_fields_that_would_open_it_where_it_shall(
    engine: str, fields: Object
) -> None:
    wide = {"doNotTrack": False, "preDNAT": False} if engine in CALICO else {}
    cases = (("egress-policy", fields), ("egress-baseline", {**fields, **wide}))
    for chart, expected in cases:
        for values, rendered in drawn(chart, engine):
            for each in filter(is_deny, rendered):
                staged = {"egress": [DENY]} if each["kind"].startswith("Staged") else {}
                wanted = {**(expected if values["ownDefaults"] else {}), **staged}
                assert {k: each["spec"][k] for k in expected if k in each["spec"]} == wanted


def test_kubernetes_rules_always_name_peers_and_pods_always_their_namespaces() -> None:
    def check(each: Object) -> None:
        for rule in rules(each):
            for peer in rule["to"]:
                assert peer.keys() in ({"ipBlock"}, {"namespaceSelector", "podSelector"})
                chosen = peer.get("namespaceSelector", {})
                assert chosen == {} or chosen["matchLabels"].keys() == {
                    "kubernetes.io/metadata.name"
                }

    every_policy("kubernetes", check)


def test_kubernetes_ports_are_numbers_with_a_protocol() -> None:
    def check(each: Object) -> None:
        for rule in rules(each):
            for port in rule.get("ports", ()):
                assert isinstance(port["port"], int)
                assert port["protocol"] in {"TCP", "UDP", "SCTP"}

    every_policy("kubernetes", check)
