"""The chart of a generated proxy: the files of its folder, for one cluster.

Its templates only carry: whatever is decided stands in its values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from transire import yamlio
from transire.delivery.proxy.config_maps import size_refusals
from transire.delivery.proxy.policies import policy_refusals
from transire.delivery.proxy.readme import readme
from transire.delivery.proxy.settings import ProxySettings
from transire.delivery.proxy.values import chart_values
from transire.model.probe import IMAGE
from transire.points.api.target import PointTarget
from transire.points.api.written import PointRefusal, Written
from transire.points.envoy.point import ENVOY

_HEAD = (
    "Generated: what the proxy of one cluster lets through, and how it runs there.",
    "Change values/platform.yaml or the values of a team in place of this file.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyChart:
    """The files of the chart by their paths in its folder, what is refused, and what to know.

    `written` is the configuration that its ConfigMaps hold. There are files or refusals, and never
    both.
    """

    written: Written
    files: Mapping[str, bytes]
    refusals: tuple[PointRefusal, ...]

    @property
    def caveats(self) -> tuple[str, ...]:
        """What is true of the proxy and cannot be seen in its files."""
        return self.written.caveats


def proxy_chart(target: PointTarget, settings: ProxySettings) -> ProxyChart:
    """The chart of an Envoy that serves the target, to be installed in the proxy's namespace.

    `values.yaml` and `README.md` are the cluster's; all other files are the same everywhere, as
    `chart_files` gives them, so that one chart may have such values for several clusters.

    Raises:
        NotModelled: if the release of the target is not modelled.
    """
    written = ENVOY.write(target)
    refusals = (
        *written.refusals,
        *policy_refusals(target),
        *_settings_refusals(settings),
        *size_refusals(written.files),
    )
    if refusals:
        return ProxyChart(written=written, files={}, refusals=refusals)
    values = yamlio.write(chart_values(target, settings, written.files), head=_HEAD)
    files = {
        **chart_files(),
        "values.yaml": values.encode(),
        "README.md": readme(target, settings, written.caveats).encode(),
    }
    return ProxyChart(written=written, files=dict(sorted(files.items())), refusals=())


def chart_files() -> Mapping[str, bytes]:
    """The files of the chart that are the same on every cluster."""
    folder = resources.files("transire.delivery.proxy") / "chart"
    templates = folder / "templates"
    found = {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}
    found |= {f"templates/{each.name}": each.read_bytes() for each in templates.iterdir()}
    return dict(sorted(found.items()))


def _settings_refusals(settings: ProxySettings) -> Iterator[PointRefusal]:
    if IMAGE.fullmatch(settings.image) is None:
        yield PointRefusal(
            rule="image",
            id="proxy-image",
            why=f"{settings.image!r} names no image by its digest, so nobody knows what would run",
            remedy="write registry/name:tag@sha256:... with the digest that was looked at",
        )
    if settings.replicas < 2:  # noqa: PLR2004 - one can be ended while another serves
        yield PointRefusal(
            rule="replicas",
            id="proxy-replicas",
            why=f"{settings.replicas} pod cannot be ended without an outage for every namespace",
            remedy="write 2 or more",
        )
    resolvers = settings.resolvers
    if not (resolvers.pods or resolvers.addresses):
        yield PointRefusal(
            rule="dns",
            id="proxy-resolvers",
            why="nothing is known to resolve names for the proxy, whose policy would stop them all",
            remedy="name the resolver of the cluster in its dns",
        )
