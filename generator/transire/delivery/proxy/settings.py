"""How a generated proxy runs on one cluster, apart from what it lets through."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from transire.meaning.premises.dns_resolvers import Resolvers
from transire.model.destinations import Pods
from transire.model.fallback import ProxyFallback
from transire.model.names import MAX_LABEL
from transire.model.net import Network
from transire.points.api.target import PodClass, PointTarget

NAME = "egress-proxy"
"""What the proxy's objects are called, its namespace included where nothing else is chosen."""

SERVICE_PORT = 3128
"""The port of every Service: behind it is the port of the class of pods."""

_DIGEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySettings:
    """Where and how the proxy runs.

    `image` names a container image of Envoy by its digest. `resolvers` is what serves the proxy's
    DNS queries. `drain` is how many seconds a pod that is to end goes on serving its tunnels.
    `scraped_by` are the pods that may read its metrics, and `direct` the ranges of addresses that
    pods reach without the proxy: those of the cluster's own pods, services and API server.
    `domain` is the cluster's. `aliases`: each namespace gets a Service `egress-proxy` of its own
    that leads to its listener, so that the URL is the same in all of them.
    """

    image: str
    resolvers: Resolvers
    namespace: str = NAME
    replicas: int = 2
    drain: int = 300
    scraped_by: tuple[Pods, ...] = ()
    direct: tuple[Network, ...] = ()
    domain: str = "cluster.local"
    aliases: bool = True

    @property
    def labels(self) -> dict[str, str]:
        """The labels by which policies and Services find the proxy's pods."""
        return {"app.kubernetes.io/name": NAME}

    def fallback(self, pods: PodClass) -> ProxyFallback:
        """The proxy as a class of pods has it: the proxy's pods, on the port that is the class's.

        It is the port of pods, which policies see in place of that of the Service.
        """
        where = Pods(namespace=self.namespace, labels=tuple(sorted(self.labels.items())))
        return ProxyFallback(to=where, port=pods.port)


def service_name(pods: PodClass) -> str:
    """The name of the Service of a class of pods, in the proxy's namespace.

    That of a Service begins with a letter, which that of a namespace need not (RFC 1035).
    """
    return _label(pods.name if pods.name[0].isalpha() else f"ns-{pods.name}")


def alias_name(pods: PodClass) -> str:
    """The name of its Service in its own namespace, the same for every pod of any namespace."""
    return NAME if pods.name == pods.namespace else _label(f"{NAME}-{pods.name}")


def _label(text: str) -> str:
    """The text as a DNS label: one that is too long ends with a digest of itself."""
    if len(text) <= MAX_LABEL:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]
    return f"{text[: MAX_LABEL - _DIGEST - 1].rstrip('-')}-{digest}"


def proxy_url(pods: PodClass, settings: ProxySettings) -> str:
    """What pods of a class have in `HTTPS_PROXY`."""
    here = alias_name(pods)
    elsewhere = f"{service_name(pods)}.{settings.namespace}.svc.{settings.domain}"
    return f"http://{here if settings.aliases else elsewhere}:{SERVICE_PORT}"


def environment(pods: PodClass, settings: ProxySettings) -> dict[str, str]:
    """The variables of pods of a class: both cases, since programs read one or the other.

    What goes without the proxy stands as names and as ranges: some programs know one of them alone.
    """
    url = proxy_url(pods, settings)
    names = ("localhost", "127.0.0.1", "::1", ".svc", f".{settings.domain}")
    direct = ",".join([*names, *map(str, settings.direct)])
    found: dict[str, str] = {}
    for name, value in (("HTTP_PROXY", url), ("HTTPS_PROXY", url), ("NO_PROXY", direct)):
        found |= {name: value, name.lower(): value}
    return {**found, "NODE_USE_ENV_PROXY": "1"}


def names_to_resolve(target: PointTarget, settings: ProxySettings) -> tuple[str, ...]:
    """The names inside the cluster that pods look up to find the proxy, sorted."""
    found = set[str]()
    for each in target.listeners:
        found.add(f"{service_name(each.pods)}.{settings.namespace}.svc.{settings.domain}")
        if settings.aliases:
            here = alias_name(each.pods)
            found.add(f"{here}.{each.pods.namespace}.svc.{settings.domain}")
    return tuple(sorted(found))
