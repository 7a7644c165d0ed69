"""What AuthorizationPolicies let through at a gateway or a waypoint.

A DENY that holds decides; after that, where any ALLOW is there at all, one of them has to hold.
Policies that only try out or audit enforce nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from transire.model.net import Address
from transire.model.problems import Unjudgeable
from transire.points.istio.objects.authorization import (
    SNI,
    Action,
    Operation,
    Policy,
    PolicyRule,
    Source,
    Values,
)
from transire.points.istio.objects.policy_strings import any_fits, path_fits
from transire.points.istio.verdicts.request import Answer, denied


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """A request as policies see it: the host with its port, and the path as it is compared."""

    host: str
    method: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a policy looks at; `identity` is a namespace and an account, None without a certificate.

    `http` is None on ports of TLS and TCP.
    """

    identity: tuple[str, str] | None
    address: Address | None
    port: int
    server_name: str
    http: Http | None

    @property
    def principal(self) -> str:
        """The identity as policies have it."""
        if self.identity is None:
            return ""
        return f"cluster.local/ns/{self.identity[0]}/sa/{self.identity[1]}"

    @property
    def namespace(self) -> str:
        """The namespace of the identity."""
        return self.identity[0] if self.identity else ""


def refused_by(policies: Iterable[Policy], asked: Asked) -> Answer | None:
    """The denial of these policies, or None where they let a request through.

    Raises:
        Unjudgeable: if one of them holds what is not modelled.
    """
    enforced = [each for each in policies if each.enforces]
    for each in enforced:
        each.judged()
    for each in enforced:
        if each.action is Action.DENY and any(
            _holds(rule, asked, deny=True) for rule in each.rules
        ):
            return denied(f"{each.ref} denies it")
    allowing = [each for each in enforced if each.action is Action.ALLOW]
    if not allowing:
        return None
    for each in allowing:
        if any(_holds(rule, asked, deny=False) for rule in each.rules):
            return None
    return denied(f"no rule of {', '.join(str(each.ref) for each in allowing)} allows it")


def _holds(rule: PolicyRule, asked: Asked, *, deny: bool) -> bool:
    return (
        (not rule.sources or any(source_holds(each, asked) for each in rule.sources))
        and (
            not rule.operations
            or any(_operation_holds(each, asked, deny=deny) for each in rule.operations)
        )
        and all(_condition_holds(key, values, asked) for key, values in rule.conditions)
    )


def source_holds(source: Source, asked: Asked) -> bool:
    """Whether a request is from a source.

    Raises:
        Unjudgeable: if the address of the client counts and is not known.
    """
    account = "/".join(asked.identity) if asked.identity else ""
    return (
        _among(source.principals, asked.principal)
        and _among(source.namespaces, asked.namespace)
        and _among(source.accounts, account)
        and _in_networks(source, asked.address)
    )


def _in_networks(source: Source, address: Address | None) -> bool:
    some, none = source.networks
    if not some and not none:
        return True
    if address is None:
        raise Unjudgeable("request", "address", "a policy compares the address of the client")
    return (not some or any(address in each for each in some)) and not any(
        address in each for each in none
    )


def _operation_holds(operation: Operation, asked: Asked, *, deny: bool) -> bool:
    if not _among(operation.ports, str(asked.port)):
        return False
    if asked.http is None:
        return deny or not operation.is_http
    return (
        _among(operation.hosts, asked.http.host, fold=True)
        and _among(operation.methods, asked.http.method)
        and _among(operation.paths, asked.http.path, fits=path_fits)
    )


def _condition_holds(key: str, values: Values, asked: Asked) -> bool:
    if key == SNI:
        return _among(values, asked.server_name, fold=True)
    if key == "destination.port":
        return _among(values, str(asked.port))
    return _among(values, asked.namespace if key == "source.namespace" else asked.principal)


def _among(
    values: Values,
    text: str,
    *,
    fold: bool = False,
    fits: Callable[[str, str], bool] | None = None,
) -> bool:
    if fold:
        text = text.lower()
        values = Values(
            tuple(each.lower() for each in values.some), tuple(each.lower() for each in values.none)
        )
    if fits is not None:
        some = any(fits(each, text) for each in values.some)
        return (not values.some or some) and not any(fits(each, text) for each in values.none)
    return (not values.some or any_fits(values.some, text)) and not any_fits(values.none, text)
