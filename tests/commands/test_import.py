"""`import`: policies that people wrote become values, and nothing is allowed that was not."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.policy_repository import edit, run
from support.values.imported import DNS, NAMESPACE, STRIPE, imported, left_out, policy, written
from transire.api import import_exit_code, import_policies
from transire.model.problems import Rejected, UsageError
from transire.values.load import load

pytestmark = pytest.mark.slow("charts are rendered, and namespaces compared")


def test_values_allow_exactly_what_the_policies_do(tmp_path: Path) -> None:
    found = imported(tmp_path, DNS, STRIPE)

    (shop,) = found.namespaces
    assert shop.is_equal
    assert (found.left_out, found.unread, found.limits_nothing) == ((), (), ())
    assert import_exit_code(found) == 0
    assert written(found).partition("egress:\n")[2] == (
        "  - name: stripe\n"
        "    reason: charge cards\n"
        "    from: {app: checkout}\n"
        "    to:\n"
        "      - api.stripe.com\n"
        "    ports: [443/TCP]\n"
    )


def test_what_is_lost_is_a_difference(tmp_path: Path) -> None:
    found = imported(
        tmp_path, DNS, policy('{toEntities: [health], toPorts: [{ports: [{port: "4240"}]}]}')
    )

    (shop,) = found.namespaces
    assert not shop.is_equal
    assert left_out(found) == [
        (
            "CiliumNetworkPolicy shop/one",
            "/spec/egress/0",
            "values have no words for the entity health",
        )
    ]
    assert [each.name for each in found.diff.targets] == ["shop.my-cluster"]
    assert import_exit_code(found) == 1


@pytest.mark.parametrize("release", ["cilium@1.18", "cilium@1.19"])
def test_names_are_limited_only_where_the_objects_limit_them(tmp_path: Path, release: str) -> None:
    """By UDP alone any name was open before; long answers need TCP, which is a difference."""
    found = imported(
        tmp_path, DNS.replace(', {port: "53", protocol: TCP}', ""), STRIPE, engine=release
    )

    assert "+    dns: {profile: coredns}\n" in found.patch
    assert found.left_out == ()
    (change,) = found.diff.targets
    assert change.gains
    assert not change.losses


def test_what_a_release_cannot_limit_is_proposed_open(tmp_path: Path) -> None:
    """Before 1.19 names of the cluster's own domain cannot be listed; what opens is shown."""
    limited = DNS.replace('"*"', '"*.stripe.com"')
    found = imported(tmp_path, limited, STRIPE, engine="cilium@1.18")

    assert "+    dns: {profile: coredns}\n" in found.patch
    assert import_exit_code(found) == 1


def test_denied_ranges_and_pods_are_cut_out(tmp_path: Path) -> None:
    wide = policy('{toCIDR: [198.51.100.0/24], toPorts: [{ports: [{port: "443", protocol: TCP}]}]}')
    deny = (
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n"
        "metadata: {name: closed, namespace: shop}\n"
        "spec:\n  endpointSelector: {matchLabels: {app: web, tier: inner}}\n"
        "  egressDeny: [{toCIDR: [198.51.100.0/25]}]\n"
    )
    found = imported(tmp_path, DNS, wide, deny)

    assert [change.change for change in found.diff.targets] == []
    assert [each.is_equal for each in found.namespaces] == [True]
    assert written(found).partition("egress:\n")[2] == (
        "  - name: one\n"
        '    reason: "taken over from CiliumNetworkPolicy shop/one"\n'
        "    from:\n"
        "      - {labels: {app: web}, matchExpressions: [{key: tier, operator: NotIn, "
        "values: [inner]}]}\n"
        "    to:\n"
        "      - {cidr: 198.51.100.0/24}\n"
        "    ports: [443/TCP]\n"
        "  - name: one-2\n"
        '    reason: "taken over from CiliumNetworkPolicy shop/one"\n'
        "    from:\n"
        "      - {labels: {app: web}, matchExpressions: [{key: tier, operator: In, "
        "values: [inner]}]}\n"
        "    to:\n"
        "      - {cidr: 198.51.100.128/25}\n"
        "    ports: [443/TCP]\n"
    )


def test_a_rule_that_cannot_be_judged_is_left_out_and_the_rest_compared(tmp_path: Path) -> None:
    groups = policy("{toGroups: [{aws: {securityGroupsIds: [sg-1]}}]}")
    found = imported(tmp_path, DNS, STRIPE, groups)

    (shop,) = found.namespaces
    assert [rule.rule.name for rule in shop.rules] == ["stripe"]
    assert [each.pointer for each in shop.partly] == ["/spec/egress/0/toGroups"]
    assert not shop.is_equal
    assert left_out(found) == [
        (
            "CiliumNetworkPolicy shop/one",
            "/spec/egress/0/toGroups",
            "what this selects is not modelled",
        )
    ]
    assert import_exit_code(found) == 3


def test_nothing_is_written_where_a_rule_may_take_something_away(tmp_path: Path) -> None:
    deny = policy("{}", more="  egressDeny: [{toGroups: [{aws: {securityGroupsIds: [sg-1]}}]}]\n")
    found = imported(tmp_path, DNS, STRIPE, deny)

    (shop,) = found.namespaces
    assert shop.unjudged == (
        "CiliumNetworkPolicy shop/one: /spec/egressDeny/0/toGroups: what this selects is not "
        "modelled"
    )
    assert [each.path for each in found.edits] == ["values/exceptions.yaml", "values/platform.yaml"]
    assert import_exit_code(found) == 3


def test_labels_of_namespaces_that_nobody_gave_decide_nothing(tmp_path: Path) -> None:
    wide = (
        "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\n"
        "metadata: {name: wide}\n"
        "spec:\n  endpointSelector:\n"
        "    matchLabels: {k8s:io.cilium.k8s.namespace.labels.egress: limited}\n"
        '  egress: [{toCIDR: [203.0.113.7/32], toPorts: [{ports: [{port: "443"}]}]}]\n'
    )
    unknown = imported(tmp_path, DNS, wide)
    known = imported(
        tmp_path, DNS, wide, NAMESPACE.replace("shop}", "shop, labels: {egress: limited}}")
    )

    assert [each.unjudged for each in unknown.namespaces] == [
        (
            "Namespace shop: /metadata/labels: labels of the namespace decide what holds there; "
            "give its Namespace object too"
        )
    ]
    assert [each.is_equal for each in known.namespaces] == [True]
    assert "203.0.113.7/32" in written(known)


def test_what_the_cluster_refuses_is_not_in_force(tmp_path: Path) -> None:
    found = imported(tmp_path, DNS, policy("{toCIDR: [300.0.0.0/8]}"))

    assert left_out(found) == [
        (
            "CiliumNetworkPolicy shop/one",
            "",
            (
                "the api-server refuses it, so that nothing of it is in force: "
                "/spec/egress/0/toCIDR/0 '300.0.0.0/8' is not an address range such as "
                "198.51.100.0/24"
            ),
        )
    ]


def test_documents_that_are_no_objects_stop_nothing(tmp_path: Path) -> None:
    found = imported(tmp_path, DNS, STRIPE, "just: data\n", "a: [\n", "kind: {{ .Values.kind }}\n")

    assert [each.is_equal for each in found.namespaces] == [True]
    assert [each.message for each in found.unread] == [
        (
            "document 1 is not YAML: error converting YAML to JSON: yaml: line 26: did not find "
            "expected node content"
        )
    ]
    assert [each.pointer for each in found.left_out] == [""]
    assert found.notes[0] == f"passed over: no Kubernetes objects in {tmp_path / 'policies.yaml'}"
    assert import_exit_code(found) == 1


def test_a_namespace_that_nothing_limits_is_not_imported(tmp_path: Path) -> None:
    ingress = STRIPE.replace("egress:", "ingress:").replace(
        "toFQDNs: [{matchName: api.stripe.com}]", "fromEntities: [world]"
    )
    found = imported(tmp_path, ingress)

    assert found.limits_nothing == ("shop",)
    assert found.namespaces == ()


def test_without_a_namespace_nobody_knows_which_pods_are_meant(tmp_path: Path) -> None:
    homeless = STRIPE.replace(", namespace: shop", "")

    assert left_out(imported(tmp_path, DNS, homeless)) == [
        (
            "CiliumNetworkPolicy stripe",
            "/metadata/namespace",
            "it names no namespace; give --namespace, or what kubectl get prints",
        )
    ]
    assert left_out(imported(tmp_path, DNS, homeless, namespace="shop")) == []


def test_written_files_are_values_that_load(tmp_path: Path) -> None:
    found = imported(tmp_path, DNS, STRIPE, write=True, cluster="home", team="payments")

    organisation = load(tmp_path / "repository")
    assert [team.name for team in organisation.teams] == ["payments"]
    assert [each.name for each in organisation.platform.clusters] == ["home"]
    assert (tmp_path / "repository/charts/egress-policy/Chart.yaml").is_file()
    again = imported(tmp_path, DNS, STRIPE, cluster="home")
    assert [each.team for each in again.namespaces] == ["payments"]
    assert again.edits == ()
    assert found.patch.startswith("--- /dev/null\n+++ b/values/exceptions.yaml\n")


def test_rules_are_added_to_a_file_that_is_there(tmp_path: Path) -> None:
    imported(tmp_path, DNS, STRIPE, write=True, cluster="home", team="payments")
    root = tmp_path / "repository"
    edit(root, "values/teams/payments.yaml", "charge cards", "charge cards  # by law")
    other = STRIPE.replace("shop", "web").replace("api.stripe.com", "api.example.com")

    found = imported(
        tmp_path, DNS.replace("shop", "web"), other, cluster="home", team="payments", write=True
    )

    text = (root / "values/teams/payments.yaml").read_text(encoding="utf-8")
    assert "namespaces:\n  shop: [home]\n  web: [home]\n" in text
    assert text.endswith(
        "    reason: charge cards  # by law\n"
        "    from: {app: checkout}\n"
        "    to:\n"
        "      - api.stripe.com\n"
        "    ports: [443/TCP]\n"
        "  - name: stripe-2\n"
        "    reason: charge cards\n"
        "    from: {app: checkout}\n"
        "    to:\n"
        "      - api.example.com\n"
        "    ports: [443/TCP]\n"
        "    namespaces: [web]\n"
    )
    # the rule that is there holds in both namespaces, so that web gets it as well
    assert [(each.name, each.is_equal) for each in found.namespaces] == [("web", False)]


def test_teams_by_a_label(tmp_path: Path) -> None:
    labelled = NAMESPACE.replace("shop}", "shop, labels: {team: payments}}")
    found = imported(tmp_path, DNS, STRIPE, labelled, team_label="team")

    assert [each.team for each in found.namespaces] == ["payments"]
    with pytest.raises(UsageError, match="name either --team or --team-label"):
        imported(tmp_path, DNS, team="a", team_label="b")
    with pytest.raises(UsageError) as error:
        imported(
            tmp_path,
            DNS,
            NAMESPACE.replace("shop}", "shop, labels: {team: A B}}"),
            team_label="team",
        )
    assert str(error.value) == (
        "'A B' is no name of a team, which namespace shop has as team; name the team with --team"
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"engine": "cilium@1.19", "cluster": "B C"}, "'B C' is no name of a cluster"),
        (
            {"engine": "nothing"},
            "there is no engine 'nothing'; the engines are cilium, calico, calico-enterprise, kubernetes",
        ),
        ({"engine": "cilium@1.19", "team": "A"}, "'A' is no name of a team"),
    ],
)
def test_mistakes_of_the_command(tmp_path: Path, more: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as error:
        imported(tmp_path, DNS, **more)

    assert str(error.value) == message


def test_no_policy_is_a_mistake_of_the_command(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^there is no network policy in the input$"):
        imported(tmp_path, NAMESPACE)


def test_values_that_are_wrong_are_for_people(tmp_path: Path) -> None:
    imported(tmp_path, DNS, STRIPE, write=True)
    edit(tmp_path / "repository", "values/teams/shop.yaml", "kind: TeamEgress", "kind: Team")

    with pytest.raises(Rejected):
        imported(tmp_path, DNS, STRIPE)


def test_the_command_prints_a_patch_and_ends_by_what_it_found(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{DNS}---\n{STRIPE}", encoding="utf-8")

    ran = run(tmp_path, "import", "-f", "a.yaml", "--engine", "cilium@1.19")

    assert ran.code == 0, ran.err
    assert ran.out.startswith("--- /dev/null\n+++ b/values/exceptions.yaml\n")
    assert ran.err.splitlines()[-1] == (
        "1 of 1 namespaces allow exactly the same, 0 differ, 0 could not be judged; 0 left out, "
        "0 not read"
    )


def test_a_cluster_that_is_new_is_added_to_the_platform(tmp_path: Path) -> None:
    imported(tmp_path, DNS, STRIPE, write=True, cluster="home")
    root = tmp_path / "repository"
    edit(root, "values/platform.yaml", "inCluster: declared", "inCluster: same-namespace")

    found = imported(tmp_path, DNS, STRIPE, cluster="away", team="web")

    files = {each.path: each.after.decode() for each in found.edits}
    assert files["values/platform.yaml"].count('    version: "1.19"\n') == 2
    assert "    gitops: argocd\n  away:\n    engine: cilium\n" in files["values/platform.yaml"]
    assert found.notes[0] == "cluster away is new, and added to values/platform.yaml"
    assert [each.name for each in found.namespaces] == ["shop"]


def test_of_several_clusters_one_is_named(tmp_path: Path) -> None:
    imported(tmp_path, DNS, STRIPE, write=True, cluster="home")
    imported(tmp_path, DNS, STRIPE, write=True, cluster="away", team="web")

    with pytest.raises(UsageError) as several:
        imported(tmp_path, DNS, STRIPE)
    with pytest.raises(UsageError) as none:
        imported(tmp_path, DNS, STRIPE, engine="calico@3.30")

    assert str(several.value) == "name the cluster with --cluster; there is away, home"
    assert str(none.value) == "name the cluster with --cluster; there is none of engine calico"


def test_the_api_server_takes_a_namespace_away_from_cluster_wide_policies(tmp_path: Path) -> None:
    wide = (
        "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\n"
        "metadata: {name: wide, namespace: ignored}\n"
        "spec:\n  endpointSelector:\n"
        "    matchLabels: {k8s:io.kubernetes.pod.namespace: shop}\n"
        '  egress: [{toCIDR: [203.0.113.7/32], toPorts: [{ports: [{port: "443"}]}]}]\n'
    )

    assert "203.0.113.7/32" in written(imported(tmp_path, DNS, wide))


def test_files_of_a_folder_that_are_no_text_are_listed(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.yaml").write_text(f"{DNS}---\n{STRIPE}", encoding="utf-8")
    (folder / "b.yaml").write_bytes(b"\xff\xfe")

    found = import_policies(tmp_path, folder, engine="cilium@1.19")

    assert [each.is_equal for each in found.namespaces] == [True]
    assert [(each.at.path, each.message) for each in found.unread] == [
        (
            str(folder / "b.yaml"),
            "cannot be read: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        )
    ]
    assert import_exit_code(found) == 1


def test_kustomize_decides_about_namespaces(tmp_path: Path) -> None:
    folder = tmp_path / "apps" / "shop"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text(
        f"{DNS}---\n{STRIPE}".replace("namespace: shop}", "namespace: base}"), encoding="utf-8"
    )
    (folder / "kustomization.yaml").write_text(
        "namespace: shop\nresources: [a.yaml]\nnamePrefix: x-\n", encoding="utf-8"
    )

    found = import_policies(tmp_path, tmp_path / "apps", engine="cilium@1.19")

    assert [each.name for each in found.namespaces] == ["shop"]
    assert [(each.id, each.message) for each in found.problems] == [
        (
            "kustomization-not-applied",
            "namePrefix may change CiliumNetworkPolicy shop/dns, and the file was read as it is",
        )
    ]
