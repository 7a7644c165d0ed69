"""Where Flux takes charts from: a registry, or tags of the Git repository."""

from __future__ import annotations

from transire.charts.layout import BASELINE, PinnedChart
from transire.delivery.gitops.manifests_file import Object, named
from transire.model.accounts import NAMESPACE
from transire.model.names import shorten
from transire.model.publish import Publish
from transire.yamlio import YamlTree

API = "source.toolkit.fluxcd.io/v1"

UNTOUCHED = {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}
"""Keeps a Kustomization with `postBuild` from replacing anything that looks like a variable."""

RECEIVER_SECRET = "egress-receiver"  # noqa: S105 - the name of a Secret
"""The Secret in `egress-system` whose `token` makes the address of the Receiver."""

_TEAMS = "teams"


def shared_sources(publish: Publish) -> tuple[Object, ...]:
    """The registry's part for teams, and the one for the platform; none when charts are in Git."""
    if not publish.registry:
        return ()
    registry = publish.registry.rstrip("/")
    return (
        _registry(publish, "egress-platform", registry),
        _registry(publish, "egress-teams", f"{registry}/{_TEAMS}"),
    )


def own_source(publish: Publish, chart: PinnedChart) -> tuple[Object, ...]:
    """The chart's folder at its tag, when charts are in Git."""
    if publish.registry:
        return ()
    source = named(
        api=API,
        kind="GitRepository",
        name=_own_name(chart),
        namespace=NAMESPACE,
        annotations=UNTOUCHED,
    )
    spec: Object = {
        "interval": "10m",
        "url": publish.git,
        "ref": {"tag": chart.pin.tag},
        "sparseCheckout": [publish.in_git(chart.folder)],
        # What another repository would put over the folder.
        "include": [],
        **_login(publish),
    }
    return ({**source, "spec": spec},)


def receiver(publish: Publish) -> Object:
    """What makes Flux look for charts at once, when it is called after they were published.

    A chart that is late is looked for again after waits that double, up to 15 minutes.
    """
    head = named(
        api="notification.toolkit.fluxcd.io/v1",
        kind="Receiver",
        name="egress-charts",
        namespace=NAMESPACE,
    )
    kind = "HelmChart" if publish.registry else "GitRepository"
    spec: Object = {
        "type": "generic",
        "secretRef": {"name": RECEIVER_SECRET},
        "resources": [{"apiVersion": API, "kind": kind, "name": "*"}],
    }
    return {**head, "spec": spec}


def chart_template(publish: Publish, chart: PinnedChart, values: str) -> Object:
    """`spec.chart.spec` of a HelmRelease: the pinned chart with the values of one target.

    The chart's own defaults come first, as they do for `helm template -f`; with files named, Flux
    leaves them out. In Git both paths start at the repository's root, in a registry at the chart's.
    """
    if publish.registry:
        place: Object = {
            "chart": chart.pin.name,
            "version": chart.pin.version,
            "reconcileStrategy": "ChartVersion",
            **_verified(publish),
        }
        source, start = ("HelmRepository", _shared_name(chart)), ""
    else:
        folder = publish.in_git(chart.folder)
        place = {"chart": folder, "reconcileStrategy": "Revision"}
        source, start = ("GitRepository", _own_name(chart)), f"{folder}/"
    return {
        **place,
        "sourceRef": {"kind": source[0], "name": source[1], "namespace": NAMESPACE},
        "interval": "5m",
        "valuesFiles": [f"{start}values.yaml", f"{start}{values}"],
        "ignoreMissingValuesFiles": False,
    }


def _registry(publish: Publish, name: str, url: str) -> Object:
    source = named(
        api=API,
        kind="HelmRepository",
        name=name,
        namespace=NAMESPACE,
        annotations=UNTOUCHED,
    )
    spec: Object = {"type": "oci", "interval": "10m", "url": url, **_login(publish)}
    if publish.ca:
        spec["certSecretRef"] = {"name": publish.ca}
    return {**source, "spec": spec}


def _login(publish: Publish) -> dict[str, YamlTree]:
    return {"secretRef": {"name": publish.credentials}} if publish.credentials else {}


def _verified(publish: Publish) -> dict[str, YamlTree]:
    """What makes Flux refuse a chart that is not signed.

    It always names keys: without, a signature by anybody with any identity would do.
    """
    verify = publish.verify
    if verify is None:
        return {}
    return {"verify": {"provider": verify.provider.value, "secretRef": {"name": verify.secret}}}


def _shared_name(chart: PinnedChart) -> str:
    return "egress-teams" if chart.place.startswith(f"{_TEAMS}/") else "egress-platform"


def _own_name(chart: PinnedChart) -> str:
    """The name of the chart's source; a team's never is one of the platform's."""
    if chart.place.startswith(f"{_TEAMS}/"):
        return shorten(f"egress-{chart.pin.name}")
    return "platform-egress-baseline" if chart.place == BASELINE else "platform-egress-tier"
