"""The README of a proxy's chart: what it is, and what pods need to use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from transire.delivery.proxy.settings import (
    SERVICE_PORT,
    ProxySettings,
    environment,
    proxy_url,
    service_name,
)
from transire.points.api.target import Listener, PointTarget
from transire.points.envoy.facts import ADMIN_PORT, FOLDER, METRICS_PORT

_OPERATION = f"""\
- The lists lie in ConfigMaps, together in one volume at `{FOLDER}`, and Envoy reads them again when
  that changes: no pod starts anew, and no tunnel is cut.
  A file that it cannot read is refused, and the last one stays.
- A pod that is to end goes on serving for `drainSeconds` before it is stopped; the `sleep` of its
  hook needs Kubernetes 1.30 or newer.
- `/ready` and `/stats/prometheus` are on port {METRICS_PORT}; everything else of the admin
  interface is on {ADMIN_PORT} of the pod itself alone.
- Every request is a line of JSON with its namespace, team, rule and verdict, without its query.
- UDP, SSH and what else knows no proxy needs an address range of its own, or a `ProxyCommand`.
- The JVM takes `-Dhttps.proxyHost`, `-Dhttps.proxyPort` and `-Dhttp.nonProxyHosts`, no variables.
- `curl` reads a range in `NO_PROXY` for literal addresses alone, and Python's `urllib` none: names
  stand there for both.
"""


def readme(target: PointTarget, settings: ProxySettings, caveats: Iterable[str]) -> str:
    """The page as Markdown."""
    return "\n".join(_lines(target, settings, caveats)) + "\n"


def _lines(target: PointTarget, settings: ProxySettings, caveats: Iterable[str]) -> Iterator[str]:
    yield "# egress-proxy"
    yield ""
    yield (
        f"Envoy {target.release.version} as the egress proxy of one cluster, generated with a "
        f"listener for each class of pods, in namespace `{settings.namespace}`."
    )
    yield ""
    yield "| pods | URL | Service | port of the proxy's pods | mode |"
    yield "|---|---|---|---|---|"
    yield from (_row(each, settings) for each in target.listeners)
    yield ""
    yield "## What pods set"
    for each in target.listeners:
        yield from _snippet(each, settings)
    yield ""
    yield "## How it runs"
    yield ""
    yield _OPERATION
    yield "## What to know"
    yield ""
    yield from (f"- {each}" for each in caveats)


def _row(listener: Listener, settings: ProxySettings) -> str:
    pods = listener.pods
    mode = "audit" if listener.audit else "enforce"
    service = f"`{service_name(pods)}:{SERVICE_PORT}`"
    return f"| {pods.name} | `{proxy_url(pods, settings)}` | {service} | {pods.port} | {mode} |"


def _snippet(listener: Listener, settings: ProxySettings) -> Iterator[str]:
    yield ""
    yield f"Pods of {listener.pods.name}, in namespace {listener.pods.namespace}:"
    yield ""
    yield "```yaml"
    yield "env:"
    for name, value in environment(listener.pods, settings).items():
        yield f'  - {{name: "{name}", value: "{value}"}}'
    yield "```"
