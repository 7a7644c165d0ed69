"""What `add` is asked for: destinations, and the terms of the rule that gets them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from transire.model.ends import is_moment, moment
from transire.model.host_mistakes import HostMistake
from transire.model.names import (
    HostPattern,
    is_account_name,
    is_dns_label,
    is_label_key,
    is_label_value,
    shorten,
)
from transire.model.net import PortRange, parse_cidr
from transire.model.problems import Position, Problem

FROM = "give --from NAMESPACE/app=web,tier=front@SERVICEACCOUNT, or parts of it"
"""What to do about a source that nobody can read."""
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What to add: hosts and ranges as written, and the rule that gets them.

    `rule` is empty for a new rule named after the first of them. `ports` is empty for the
    platform's default; `labels`, in the form `app=web,tier=front`, and `account` for all pods;
    `environments`, `clusters` and `namespaces` are empty for all of them. A new rule needs a
    reason. `bundles` are for a new rule without other destinations. `evidence` holds a comment for
    some destinations, as they are given.
    """

    hosts: tuple[str, ...] = ()
    cidrs: tuple[str, ...] = ()
    rule: str = ""
    reason: str = ""
    ticket: str = ""
    ports: tuple[str, ...] = ()
    labels: str = ""
    account: str = ""
    environments: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    expires: str = ""
    bundles: tuple[str, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A destination: as it was given, as YAML in one line, and as YAML is read."""

    given: str
    text: str
    value: object

    @property
    def canonical(self) -> object:
        """The same for every spelling of the destination."""
        return canonical(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A key of a rule: its value as YAML in one line, and as messages show it."""

    text: str
    shown: str


def canonical(value: object) -> object:
    """A destination of a values file, the same for every spelling; others as they are."""
    try:
        if isinstance(value, str):
            return HostPattern.parse(value).text
        if isinstance(value, dict) and value.keys() == {"cidr"}:
            return str(parse_cidr(str(value["cidr"])))
    except ValueError:
        return str(value)
    return str(value)


def items(addition: Addition) -> tuple[Item, ...]:
    """The destinations, without repetition."""
    hosts = [Item(given=host, text=scalar(host), value=host) for host in addition.hosts]
    ranges = [
        Item(given=cidr, text=f"{{cidr: {scalar(cidr)}}}", value={"cidr": cidr})
        for cidr in addition.cidrs
    ]
    unique: dict[object, Item] = {}
    for each in (*hosts, *ranges):
        unique.setdefault(each.canonical, each)
    return tuple(unique.values())


def rule_name(addition: Addition) -> str:
    """The name of the rule; of a new one without a name, that of its first destination."""
    if addition.rule:
        return addition.rule
    first = (*addition.hosts, *addition.cidrs, *addition.bundles)[0]
    text = str(canonical(first)).replace("**", "any").replace("*", "any")
    parts = (label.strip("-") for label in text.replace("_", "-").replace("/", ".").split("."))
    return shorten("-".join(part for part in parts if part))


def terms(addition: Addition) -> dict[str, Term]:
    """The terms that were given, by key, in the order of a values file."""
    pods = _pods(addition)
    lists = {
        "bundles": addition.bundles,
        "environments": addition.environments,
        "clusters": addition.clusters,
        "namespaces": addition.namespaces,
    }
    found = {
        "reason": Term(text=scalar(addition.reason), shown=addition.reason),
        "ticket": Term(text=scalar(addition.ticket), shown=addition.ticket),
        "expires": Term(text=addition.expires, shown=addition.expires),
        "from": Term(text=_flow(pods), shown=shown("from", pods)),
        "ports": Term(text=f"[{', '.join(addition.ports)}]", shown=shown("ports", addition.ports)),
        **{
            key: Term(text=f"[{', '.join(map(scalar, names))}]", shown=shown(key, names))
            for key, names in lists.items()
        },
    }
    return {key: term for key, term in found.items() if term.shown}


def _pods(addition: Addition) -> Mapping[str, str] | list[Mapping[str, Any]]:
    """Which pods a new rule is for, as `from` holds them."""
    labels = labels_of(addition.labels)
    if not addition.account:
        return labels
    return [{**({"labels": labels} if labels else {}), "serviceAccount": addition.account}]


def _flow(value: object) -> str:
    """Maps, lists and texts as YAML in one line."""
    match value:
        case Mapping():
            return f"{{{', '.join(f'{scalar(key)}: {_flow(value[key])}' for key in value)}}}"
        case list():
            return f"[{', '.join(map(_flow, value))}]"
        case _:
            return scalar(str(value))


def shown(key: str, value: Any) -> str:  # noqa: ANN401 - any YAML
    """The value of a key as messages show it, the same for every order and spelling."""
    if not value:
        return ""
    if key == "ports" and isinstance(value, Sequence):
        return ", ".join(sorted(str(PortRange.parse(str(port))) for port in value))
    if isinstance(value, Mapping):
        return ",".join(f"{each}={value[each]}" for each in sorted(value))
    if key == "from" and isinstance(value, Sequence):
        return " or ".join(sorted(map(_selector, value)))
    if isinstance(value, (list, tuple)):
        return ", ".join(sorted(map(str, value)))
    return str(value)


def _selector(written: Mapping[str, Any]) -> str:
    """A selector as `--from` spells it, what that has no words for as YAML."""
    rest = {key: written[key] for key in written if key not in {"labels", "serviceAccount"}}
    account = f"@{written['serviceAccount']}" if "serviceAccount" in written else ""
    return f"{shown('labels', written.get('labels'))}{account}{_flow(rest) if rest else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Pods as `NAMESPACE[/k=v,...][@SERVICEACCOUNT]` has them; without a namespace, in all."""

    namespace: str = ""
    labels: str = ""
    account: str = ""


def source_of(written: str) -> Source:
    """The parts of the notation; labels or an account alone may stand without a namespace.

    Raises:
        ValueError: with a sentence, if a part is empty or the account is none.
    """
    pod, at, account = written.partition("@")
    if at and not is_account_name(account):
        raise ValueError(f"{account!r} in {written!r} is not the name of a service account")
    namespace, slash, labels = pod.partition("/")
    if not is_dns_label(namespace):
        if pod and "=" not in pod:
            raise ValueError(f"{pod!r} in {written!r} is neither a namespace nor a label")
        return Source(labels=pod, account=account)
    if slash and not labels:
        raise ValueError(f"{written!r} has no label behind the slash")
    return Source(namespace=namespace, labels=labels, account=account)


def labels_of(written: str) -> dict[str, str]:
    """Labels as `app=web,tier=front`, sorted."""
    pairs = [each.partition("=") for each in written.split(",") if each.strip()]
    return {key.strip(): value.strip() for key, _, value in sorted(pairs)}


def mistakes(path: str, addition: Addition) -> Iterator[Problem]:
    """What is wrong with what was given, whatever the file holds."""
    for rule, message, advice in (*_in_destinations(addition), *_in_terms(addition)):
        yield Problem(at=Position(path=path), id=rule, message=message, help=advice)


_Mistake = tuple[str, str, str]
"""Id, message and help."""


def _in_destinations(addition: Addition) -> Iterator[_Mistake]:
    for host in addition.hosts:
        try:
            HostPattern.parse(host)
        except HostMistake as error:
            message = error.message.removesuffix(" in quotes")
            yield "bad-host", message, _option_for(host, error)
        except ValueError as error:
            message, _, advice = str(error).partition("; ")
            yield "bad-host", message, advice or "give a host such as api.example.com"
    for cidr in addition.cidrs:
        try:
            parse_cidr(cidr)
        except ValueError as error:
            message, _, advice = str(error).partition("; ")
            yield "bad-cidr", message, advice.replace("write", "give", 1)
    for port in addition.ports:
        try:
            PortRange.parse(port)
        except ValueError as error:
            yield "bad-port", str(error).partition("; ")[0], "give --ports 443,123/UDP"


def _in_terms(addition: Addition) -> Iterator[_Mistake]:
    for key, value in (("reason", addition.reason), ("ticket", addition.ticket)):
        if not value.isprintable():
            message = f"the {key} {value!r} holds a line break or a control character"
            yield "bad-text", message, "write it in one line"
    for each in filter(None, addition.labels.split(",")):
        key, equals, value = each.partition("=")
        if not (equals and is_label_key(key.strip()) and is_label_value(value.strip())):
            yield "bad-label", f"{each!r} is no label", FROM
    if addition.expires and not _is_end(addition.expires):
        advice = "give --expires 2027-03-31, or a time such as 2027-03-31T18:00:00Z"
        yield "bad-date", f"{addition.expires!r} is not a day", advice
    yield from _in_names(addition)


def _in_names(addition: Addition) -> Iterator[_Mistake]:
    for option, names in (
        ("environment", addition.environments),
        ("cluster", addition.clusters),
        ("namespace", addition.namespaces),
    ):
        for name in names:
            if not is_dns_label(name):
                yield "bad-name", f"{name!r} is not a name", f"give one {option} with --{option}"
    if addition.rule and not is_dns_label(addition.rule):
        advice = "use lower-case letters, digits and -, at most 63 characters"
        yield "bad-name", f"{addition.rule!r} cannot name a rule", advice


def _is_end(written: str) -> bool:
    try:
        return bool(moment(written) if is_moment(written) else _day(written))
    except ValueError:
        return False


def _day(written: str) -> date:
    day = date.fromisoformat(written)
    if day.isoformat() != written:
        raise ValueError(written)
    return day


def _option_for(host: str, mistake: HostMistake) -> str:
    """How to give on the command line what a values file writes as a map."""
    try:
        loaded = YAML(typ="safe", pure=True).load(mistake.proposal or host)
    except YAMLError:
        loaded = None
    if isinstance(loaded, str) and mistake.proposal:
        return f"give {loaded}"
    if not (isinstance(loaded, dict) and loaded.keys() & {"host", "cidr"}):
        in_options = "give hosts as they are, ranges with --cidr, and ports with --ports"
        return in_options if "{" in mistake.advice else mistake.advice
    place = loaded.get("host") or f"--cidr {loaded['cidr']}"
    ports = loaded.get("ports")
    return f"give {place}{f' and --ports {ports[0]} with a new rule' if ports else ''}"


def scalar(text: str) -> str:
    """The text as a YAML scalar, quoted unless no reader could take it for something else."""
    plain = text.replace("-", "").replace(".", "").replace(" ", "")
    if plain.isalnum() and plain.isascii() and text[0].isalpha() and text == text.strip():
        loaded = YAML(typ="safe", pure=True).load(f"[{text}]")
        if loaded == [text] and text.lower() not in _WORDS:
            return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
