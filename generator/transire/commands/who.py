"""`who`: which teams may reach something, by which rule, why and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from ipaddress import ip_network

from transire.commands.arguments import StrPath, folder_at, several, when
from transire.commands.explain_cluster import cluster_name
from transire.commands.explain_subject import cluster_named
from transire.model.ends import instant
from transire.model.problems import UsageError
from transire.review.who.wanted import Wanted, WantedAddresses, WantedName
from transire.review.who.who import Who, who_reaches
from transire.values.load import load


def who(
    destination: str,
    *,
    root: StrPath = ".",
    cluster: str | None = None,
    at: str | Iterable[str] = (),
    as_of: date | None = None,
) -> Who:
    """Everything that leads to a destination, over all teams and clusters.

    Args:
        destination: `HOST[:PORT[/proto]]`, a pattern such as `*.example.com`, an address or a
            range, `pod:NAMESPACE[/k=v,...][:PORT]` or `entity:NAME[:PORT]`.
        root: the policy repository.
        cluster: one cluster of the platform's file; without it, all of them.
        at: addresses that the host has, so that rules with ranges are looked at, too.
        as_of: the day or the moment that ends are held against; now by default.

    Raises:
        UsageError: if the destination or an address is none, or there is no such cluster.
        Rejected: if the values are wrong, or an engine cannot express a rule that matters.
        Unjudgeable: if the flows are too intricate to be listed.
    """
    wanted, addresses = _wanted(destination), [_address(each) for each in several(at)]
    if addresses and not isinstance(wanted.what, WantedName):
        raise UsageError(f"addresses are given of a host, and {destination!r} is none")
    if cluster is not None and cluster_name(cluster) is None:
        raise UsageError(
            f"who reads the values, and {cluster!r} is a cluster file; name a cluster of "
            "values/platform.yaml"
        )
    organisation = load(folder_at(root))
    chosen = (
        organisation.platform.clusters
        if cluster is None
        else (cluster_named(organisation, cluster),)
    )
    now = instant(when(as_of))
    return who_reaches(
        organisation, wanted, sorted(chosen, key=lambda each: each.name), now, addresses
    )


def _wanted(destination: str) -> Wanted:
    try:
        return Wanted.parse(destination)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _address(text: str) -> WantedAddresses:
    try:
        return WantedAddresses(network=ip_network(text))
    except ValueError as error:
        raise UsageError(f"{text!r} is no address and no range") from error
