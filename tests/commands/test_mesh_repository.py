"""A cluster in a mesh, from the values to verdicts and to who may reach what."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.policy_repository import run

PLATFORM = """\
apiVersion: transire/v1
kind: Platform
publish: {registry: oci://registry.example.com/egress, git: https://git.example.com/egress.git}
defaults: {mode: enforce, ports: [443], inCluster: declared}
clusters:
  prod:
    engine: cilium
    version: "1.18"
    environment: prod
    dns: {profile: coredns}
    network:
      podCIDRs: [10.0.0.0/16]
      serviceCIDRs: [10.96.0.0/12]
      nodeCIDRs: [192.168.10.0/24]
      families: [IPv4]
    mesh: {name: eks-a, clusters: [eks-b]}
    gitops: argocd
system: [kube-system]
"""
TEAM = """\
apiVersion: transire/v1
kind: TeamEgress
team: shop
contact: shop@example.com
namespaces: {shop: {clusters: [prod]}}
egress:
- name: ledger
  reason: book every charge
  to: [{cluster: eks-b, namespace: ledger, pods: {app: ledger}}, {namespace: vault}]
"""
KEY = "io.cilium.k8s.policy.cluster"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("mesh")
    assert run(found, "init", "--bare", "--forge", "none").code == 0
    (found / "values/platform.yaml").write_text(PLATFORM)
    (found / "values/teams").mkdir(exist_ok=True)
    (found / "values/teams/shop.yaml").write_text(TEAM)
    assert run(found, "generate").code == 0
    return found


@pytest.mark.slow("long runs in a repository")
def test_what_is_generated_is_proved(root: Path) -> None:
    assert run(root, "check").code == 0


@pytest.mark.parametrize(
    ("pod", "verdict"),
    [
        ("ledger/app=ledger", "deny"),
        (f"ledger/app=ledger,{KEY}=eks-b", "allow"),
        (f"ledger/app=ledger,{KEY}=eks-c", "deny"),
        (f"ledger/app=other,{KEY}=eks-b", "deny"),
        ("vault/app=vault", "allow"),
        (f"vault/app=vault,{KEY}=eks-a", "allow"),
        (f"vault/app=vault,{KEY}=eks-b", "deny"),
    ],
)
def test_a_pod_is_in_the_own_cluster_unless_another_is_given(
    root: Path, pod: str, verdict: str
) -> None:
    words = ("explain", "--target", "shop.prod", "--from", "shop/app=web", "--to", f"pod:{pod}:443")

    assert run(root, *words).out.splitlines()[0].partition(":")[0] == verdict


@pytest.mark.parametrize(
    ("pod", "first"),
    [
        ("pod:ledger/app=ledger", "no rule leads to pod:ledger/app=ledger on prod"),
        (
            f"pod:ledger/app=ledger,{KEY}=eks-b",
            f"pod:ledger/app=ledger,{KEY}=eks-b: 1 rule, 1 target on prod",
        ),
        ("pod:vault/app=vault", "pod:vault/app=vault: 1 rule, 1 target on prod"),
        (
            f"pod:vault/app=vault,{KEY}=eks-b",
            f"no rule leads to pod:vault/app=vault,{KEY}=eks-b on prod",
        ),
    ],
)
def test_who_means_the_own_cluster_unless_another_is_given(
    root: Path, pod: str, first: str
) -> None:
    assert run(root, "who", pod).out.splitlines()[0] == first


def test_reports_name_the_other_cluster(root: Path) -> None:
    readme = (root / "charts/teams/shop/README.md").read_text()
    report = run(root, "report", "--format", "json")

    assert "eks-b/ledger" in readme
    assert '"cluster": "eks-b"' in report.out
