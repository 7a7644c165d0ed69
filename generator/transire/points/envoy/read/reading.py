"""All files of Envoy as one reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transire.flows.request_set import Request, RequestSet
from transire.model.engine import Release
from transire.model.problems import Unjudgeable
from transire.points.api.reading import Guard, PointDecision, PointUnmodelled
from transire.points.envoy import facts
from transire.points.envoy.read.clusters import LOOPBACK, Way, clusters, socket_of
from transire.points.envoy.read.listeners import Found, listener
from transire.points.envoy.read.resources import name_of
from transire.points.envoy.read.tables import Table
from transire.points.envoy.read.tree import Branch, opened

_BOOTSTRAP = ("admin", "dynamic_resources", "static_resources")
_BOOTSTRAP_NO_EFFECT = ("node", "stats_config", "overload_manager")
_METRICS = frozenset({"/ready", "/stats/prometheus"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyReading:
    """Configuration as Envoy reads it."""

    found: Mapping[str, Found]
    unmodelled: tuple[PointUnmodelled, ...]

    @property
    def listeners(self) -> tuple[str, ...]:
        """The names of the listeners, sorted, without the one for probes and metrics."""
        return tuple(sorted(self.found))

    def requests(self, listener: str) -> RequestSet:
        """What the listener lets through; in audit, what it would let through without.

        Raises:
            KeyError: if there is none of that name.
            Unjudgeable: if it holds what is not modelled.
        """
        return self._table(listener).requests()

    def guard(self, listener: str) -> Guard:
        """What else the listener keeps to.

        Raises:
            KeyError: if there is none of that name.
        """
        found = self.found[listener]
        audit = found.table is not None and found.table.audit is not False
        return Guard(port=found.port, audit=audit, denied=found.denied)

    def decide(self, listener: str, request: Request) -> PointDecision:
        """The verdict about one request, route by route.

        Raises:
            KeyError: if there is no listener of that name.
            Unjudgeable: if it holds what is not modelled.
        """
        return self._table(listener).decide(request)

    def _table(self, listener: str) -> Table:
        found = self.found[listener].table
        for each in self.unmodelled:
            if each.listener in {"", listener}:
                raise Unjudgeable(each.file, each.key, each.why)
        if found is None:
            raise Unjudgeable(listener, "/", "its routes are not known")
        return found


def read(files: Mapping[str, str], release: Release) -> EnvoyReading:
    """The bootstrap and every file that it leads to.

    Raises:
        NotModelled: if the release is not modelled.
    """
    facts.RELEASES.check(release)
    return _Reader(files).reading()


class _Reader:
    """Reads the files once, and notes what is not modelled."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._unmodelled: list[PointUnmodelled] = []
        self._opened: dict[str, Branch | None] = {}

    def reading(self) -> EnvoyReading:
        """The whole configuration."""
        bootstrap = self._open(facts.BOOTSTRAP)
        fields = bootstrap.fields(_BOOTSTRAP, _BOOTSTRAP_NO_EFFECT) if bootstrap else {}
        if "admin" in fields:
            _check_admin(fields["admin"])
        static = fields.get("static_resources")
        parts = static.fields(("listeners", "clusters")) if static else {}
        ways = clusters(parts.get("clusters"))
        trees = parts["listeners"].items() if "listeners" in parts else []
        trees = [each for each in trees if not _is_metrics(each, ways)]
        trees += self._dynamic(fields.get("dynamic_resources"))
        found = [listener(each.of(name_of(each)), ways, self._source) for each in trees]
        names = [each.name for each in found]
        for tree, name in zip(trees, names, strict=True):
            if not name or names.count(name) > 1:
                tree.note("a listener without a name of its own is not modelled")
        return EnvoyReading(
            found={each.name: each for each in found if each.name},
            unmodelled=tuple(dict.fromkeys(self._unmodelled)),
        )

    def _open(self, name: str) -> Branch | None:
        if name not in self._opened:
            self._opened[name] = opened(self._files, name, self._unmodelled)
        return self._opened[name]

    def _source(self, source: Branch) -> Branch | None:
        """The file that a source of configuration names."""
        fields = source.fields(("path_config_source",), ("resource_api_version",))
        place = fields.get("path_config_source")
        path = place.fields(("path",), ("watched_directory",)).get("path") if place else None
        if path is None:
            source.note("configuration from elsewhere than a file is not modelled")
            return None
        name = path.text().removeprefix(f"{facts.FOLDER}/")
        if name not in self._files:
            path.note(f"{name} is not among the files")
            return None
        return self._open(name)

    def _dynamic(self, tree: Branch | None) -> list[Branch]:
        """The listeners of the file that the bootstrap names."""
        source = tree.fields(("lds_config",)).get("lds_config") if tree else None
        file = self._source(source) if source else None
        items = file.fields(("resources",), ("version_info",)).get("resources") if file else None
        found = items.items() if items else []
        for each in found:
            if not isinstance(each.value, Mapping) or each.value.get("@type") != facts.LISTENER:
                each.note("other than a listener is not modelled here")
        return found


def _check_admin(tree: Branch) -> None:
    fields = tree.fields(("address",), ("access_log", "profile_path"))
    if "address" in fields and socket_of(fields["address"])[0] not in LOOPBACK:
        tree.note("the admin interface, through which all can be changed, is open to others")


def _is_metrics(tree: Branch, ways: Mapping[str, Way]) -> bool:
    """Whether a listener gives probes and metrics of the admin interface, and nothing else."""
    try:
        (chain,) = tree.value["filter_chains"]
        (only,) = chain["filters"]
        manager = only["typed_config"]
        (host,) = manager["route_config"]["virtual_hosts"]
        filters = [each["name"] for each in manager["http_filters"]]
        routes = [(each["match"], each["route"]) for each in host["routes"]]
    except (KeyError, TypeError, ValueError):
        return False
    known = all(
        match in [{"path": path} for path in _METRICS]
        and set(action) == {"cluster"}
        and ways.get(action["cluster"]) is Way.LOOPBACK
        for match, action in routes
    )
    return known and filters == [facts.ROUTER_FILTER] and "upgrade_configs" not in manager
