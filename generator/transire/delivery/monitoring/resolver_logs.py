"""How the resolver of a cluster is set to log lookups, by DNS profile.

Sources: the README of CoreDNS's plugin `log`, OpenShift's page on the DNS operator (`logLevel`).
"""

from __future__ import annotations

from transire.engines.api.observation import Setting, Unseen
from transire.model.intent import Cluster, DnsProfile

_WITH_COREFILE = frozenset({DnsProfile.COREDNS, DnsProfile.NODELOCAL})
_NO_ANSWERS = "Lines hold the client and the name, and neither answers nor pods."


def resolver_settings(cluster: Cluster) -> tuple[Setting, ...]:
    """What turns the log on; nothing where nobody can."""
    profile = cluster.dns.profile
    if profile is DnsProfile.OPENSHIFT:
        return (
            Setting(
                file="dns-patch.yaml",
                title="the DNS operator, whose level Trace logs every lookup",
                applied="kubectl patch dnses.operator.openshift.io default --type merge "
                "--patch-file FILE",
                tree={"spec": {"logLevel": "Trace"}},
                notes=(_NO_ANSWERS,),
            ),
        )
    if profile not in _WITH_COREFILE:
        return ()
    notes = ["This is no object: add the line by hand, and keep everything else of the block."]
    if profile is DnsProfile.NODELOCAL:
        notes.append(
            "The cache on each node has a Corefile of its own, node-local-dns: without `log` there "
            "too, lookups that it has the answer for are missing, and clients of CoreDNS are nodes."
        )
    return (
        Setting(
            file="corefile-addition.yaml",
            title="the plugin `log` of CoreDNS",
            applied="kubectl -n kube-system edit configmap coredns",
            tree={"configMap": "kube-system/coredns", "block": ".:53", "add": "log"},
            notes=(*notes, _NO_ANSWERS),
        ),
    )


def unseen_lookups(cluster: Cluster) -> tuple[Unseen, ...]:
    """What the resolver does not show."""
    if resolver_settings(cluster):
        return ()
    return (
        Unseen(
            what=f"lookups: the resolver of dns.profile {cluster.dns.profile} is not set from here",
            instead="query logs of whoever runs it",
        ),
    )
