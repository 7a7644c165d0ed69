"""What a generated proxy cannot have, and lists that are too large for one ConfigMap."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from support.delivery.proxy_example import SETTINGS, TARGET, rule
from transire.delivery.proxy import config_maps
from transire.delivery.proxy.chart import proxy_chart
from transire.delivery.proxy.settings import (
    ProxySettings,
)
from transire.meaning.premises.dns_resolvers import Resolvers
from transire.model.pod_selector import PodSelector
from transire.points.api.target import Listener, PodClass, PointTarget
from transire.points.envoy.facts import BOOTSTRAP, LISTENERS, list_file
from transire.points.envoy.point import ENVOY

MOST = 170_000


def test_lists_are_split_before_a_configmap_is_full_and_stay_where_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def parts(count: int) -> dict[str, str]:
        listeners = tuple(
            Listener(
                pods=PodClass(name=f"n{each}", namespace=f"n{each}", port=20_000 + each),
                rules=(
                    rule(
                        f"n{each}/r",
                        " ".join(f"h{name}.n{each}.example.com" for name in range(1_500)),
                    ),
                ),
            )
            for each in range(count)
        )
        chart = proxy_chart(replace(TARGET, listeners=listeners), SETTINGS)
        maps = yaml.load(chart.files["values.yaml"], yaml.CSafeLoader)["configMaps"]
        assert all(sum(map(len, each["data"].values())) <= MOST for each in maps)
        return {name: each["part"] for each in maps for name in each["data"]}

    monkeypatch.setattr(config_maps, "MOST_BYTES", MOST)
    few, more = parts(7), parts(8)

    assert len(set(few.values())) > 3
    assert {name: more[name] for name in few} == few
    assert few[BOOTSTRAP] == "bootstrap"
    assert few[LISTENERS] == "listeners"


def refused(target: PointTarget, settings: ProxySettings = SETTINGS) -> list[str]:
    chart = proxy_chart(target, settings)

    assert not chart.files
    return [str(each) for each in chart.refusals]


def test_a_list_that_no_configmap_holds_is_refused() -> None:
    names = " ".join(f"host-number-{each}.d{each % 9}.example.com" for each in range(30_000))
    large = Listener(
        pods=PodClass(name="big", namespace="big", port=20001), rules=(rule("big/r", names),)
    )
    (found,) = refused(replace(TARGET, listeners=(large,)))
    size = len(ENVOY.write(replace(TARGET, listeners=(large,))).files[list_file("big")])

    assert found == (
        f"big: its list has {size} bytes, and a ConfigMap holds 900000 (proxy-list-size)\n  help: "
        "write wildcards where whole domains are meant, or rules for some pods of the namespace, "
        "which have a list of their own"
    )


def test_settings_that_would_not_hold_are_refused() -> None:
    nobody = Resolvers(pods=(), addresses=(), on_node=False, port=53)
    settings = replace(SETTINGS, image="envoyproxy/envoy:latest", replicas=1, resolvers=nobody)

    assert refused(TARGET, settings) == [
        (
            "image: 'envoyproxy/envoy:latest' names no image by its digest, so nobody knows what "
            "would run (proxy-image)\n  help: write registry/name:tag@sha256:... with the digest "
            "that was looked at"
        ),
        (
            "replicas: 1 pod cannot be ended without an outage for every namespace "
            "(proxy-replicas)\n  help: write 2 or more"
        ),
        (
            "dns: nothing is known to resolve names for the proxy, whose policy would stop them "
            "all (proxy-resolvers)\n  help: name the resolver of the cluster in its dns"
        ),
    ]


def test_pods_that_no_policy_tells_apart_are_refused() -> None:
    pods = replace(TARGET.listeners[0].pods, selectors=(PodSelector(service_account="robot"),))

    assert refused(replace(TARGET, listeners=(replace(TARGET.listeners[0], pods=pods),))) == [
        (
            "shop: pods that run as robot are told apart by no policy of the proxy's own pods "
            "(proxy-service-account)\n  help: select them by labels"
        )
    ]
