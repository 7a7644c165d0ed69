"""An example of a generated proxy: three classes of pods, and how it runs."""

from __future__ import annotations

from ipaddress import ip_network

from transire.delivery.proxy.settings import (
    ProxySettings,
)
from transire.meaning.premises.dns_resolvers import COREDNS, Resolvers
from transire.model.destinations import Pods
from transire.model.engine import Release, Version
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.model.pod_selector import LabelCondition, Operator, PodSelector
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget

RELEASE = Release(engine="envoy", version=Version(major=1, minor=40))
IMAGE = "docker.io/envoyproxy/envoy:distroless-v1.40.0@sha256:" + "0a" * 32
SETTINGS = ProxySettings(
    image=IMAGE,
    resolvers=Resolvers(pods=(COREDNS,), addresses=(), on_node=False, port=53),
    scraped_by=(Pods(namespace="monitoring", labels=(("app", "prometheus"),)),),
    direct=(ip_network("10.96.0.1/32"), ip_network("10.0.0.0/8")),
)


def rule(name: str, hosts: str, ports: str = "443") -> PointRule:
    """A rule of the example: hosts and ports with spaces between them."""
    return PointRule(
        name=name,
        hosts=tuple(map(HostPattern.parse, hosts.split())),
        ports=tuple(map(PortRange.parse, ports.split())),
    )


ARCHIVER = PodSelector(
    labels=(("role", "archiver"),),
    expressions=(LabelCondition(key="tier", operator=Operator.NOT_IN, values=("test",)),),
)
TARGET = PointTarget(
    release=RELEASE,
    listeners=(
        Listener(
            pods=PodClass(name="shop", namespace="shop", port=20001),
            rules=(rule("shop/api", "api.example.com *.cdn.example.com", "443 8000-8010"),),
            team="checkout",
            file="values/teams/checkout.yaml",
        ),
        Listener(
            pods=PodClass(name="shop-1", namespace="shop", port=20002, selectors=(ARCHIVER,)),
            rules=(rule("shop/archive", "s3-*.example.com"),),
        ),
        Listener(pods=PodClass(name="blog", namespace="blog", port=20003), rules=()),
    ),
    denied=tuple(map(ip_network, ("10.0.0.0/8", "169.254.0.0/16", "fc00::/7"))),
)
