"""A file of tests for netassert, for what a connection by TCP tells the truth about.

netassert opens connections from a workload that runs, and takes a connection that comes about for
an allowed one. Where a host is refused after that, by its TLS server name or by a proxy, it would
report what is not so; such hosts are left out.
"""

from __future__ import annotations

from collections.abc import Iterable

from transire.delivery.probe.plan import Attempt, Left
from transire.model.problems import UsageError
from transire.yamlio import YamlTree

_SERVER_NAME = "its TLS server name decides, after a connection by TCP has come about"
_PROXY = "a proxy decides, after a connection by TCP has come about"
_KINDS = ("deployment", "statefulset", "daemonset", "pod")
_HTTPS = 443


def workload(written: str) -> tuple[str, str]:
    """Kind and name of a workload that is written as `deployment/web`.

    Raises:
        UsageError: for anything else.
    """
    kind, slash, name = written.partition("/")
    if kind not in _KINDS or not slash or not name:
        raise UsageError(
            f"{written!r} is no workload that netassert takes; write one of "
            f"{', '.join(f'{each}/NAME' for each in _KINDS)}"
        )
    return kind, name


def netassert(
    attempts: Iterable[Attempt], source: tuple[str, str], namespace: str, *, server_names: bool
) -> tuple[tuple[YamlTree, ...], tuple[Left, ...]]:
    """The tests, and what is left out because they would not tell the truth."""
    tests: list[YamlTree] = []
    left = []
    for each in attempts:
        why = _why_not(each, server_names=server_names)
        if why:
            left.append(Left(what=f"{each.host} port {each.port} ({each.about})", why=why))
        else:
            tests.append(_test(each, source, namespace))
    return tuple(tests), tuple(left)


def _why_not(each: Attempt, *, server_names: bool) -> str:
    if each.proxy:
        return _PROXY
    return _SERVER_NAME if server_names and each.port == _HTTPS else ""


def _test(each: Attempt, source: tuple[str, str], namespace: str) -> YamlTree:
    kind, name = source
    verb = "reaches" if each.want == "allow" else "does not reach"
    return {
        "name": f"{namespace}/{name} {verb} {each.host}:{each.port}",
        "type": "k8s",
        "protocol": "tcp",
        "targetPort": each.port,
        "timeoutSeconds": 15,
        "attempts": 3,
        "exitCode": 0 if each.want == "allow" else 1,
        "src": {"k8sResource": {"kind": kind, "name": name, "namespace": namespace}},
        "dst": {"host": {"name": each.host}},
    }
