"""Adding hosts to a values file the way a person would: nothing else moves.

The text is edited at positions that the YAML reader gives, so comments, order, quotes and blank
lines stay as they are. The result is read again and must hold exactly what was requested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from transire.model.names import HostPattern, is_dns_label, shorten
from transire.model.net import PortRange
from transire.model.problems import Position, Problem, Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What to add: hosts as written, and the rule that gets them.

    `rule` is empty for a new rule named after the first host. `ports` is empty for the platform's
    default. A new rule needs a reason.
    """

    hosts: tuple[str, ...]
    rule: str = ""
    reason: str = ""
    ticket: str = ""
    ports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The new text, the rule that was written, and the hosts that were there already."""

    text: str
    rule: str
    added: tuple[str, ...]
    present: tuple[str, ...]


def add_hosts(text: str, path: str, addition: Addition) -> Edited:
    """`text` with the hosts in the rule; the same text where all of them are there already.

    Raises:
        Rejected: if a host, port or name is wrong, if the rule exists with another reason, ticket
            or ports, or if the file is not in the form that an edit understands.
    """
    _check(path, addition)
    root = _compose(text, path)
    rules = _child(root, "egress")
    if not isinstance(rules, SequenceNode) or not rules.value:
        raise _rejected(path, "cannot-edit", "the file has no rules under egress", _BY_HAND)
    name = addition.rule or shorten(_name_after(addition.hosts[0]))
    found = next((each for each in rules.value if _text(_child(each, "name")) == name), None)
    if found is None:
        return _new_rule(text, path, rules, name, addition)
    return _more_hosts(text, path, found, name, addition)


_BY_HAND = "edit the file by hand"


def _check(path: str, addition: Addition) -> None:
    problems = []
    for host in addition.hosts:
        try:
            HostPattern.parse(host)
        except ValueError as error:
            message, _, remedy = str(error).partition("; ")
            problems.append(
                _problem(
                    path, "bad-host", message, remedy or "write a host such as api.example.com"
                )
            )
    for port in addition.ports:
        try:
            PortRange.parse(port)
        except ValueError as error:
            problems.append(_problem(path, "bad-port", str(error), "give --ports 443,123/UDP"))
    problems.extend(
        _problem(
            path,
            "bad-text",
            f"the {key} {value!r} holds a line break or a control character",
            "write it in one line",
        )
        for key, value in (("reason", addition.reason), ("ticket", addition.ticket))
        if not value.isprintable()
    )
    if addition.rule and not is_dns_label(addition.rule):
        problems.append(
            _problem(
                path,
                "bad-name",
                f"{addition.rule!r} cannot name a rule",
                "use lower-case letters, digits and -, at most 63 characters",
            )
        )
    if problems:
        raise Rejected(problems)


def _more_hosts(text: str, path: str, rule: Node, name: str, addition: Addition) -> Edited:
    _same_terms(path, rule, name, addition)
    to = _child(rule, "to")
    here = {_canonical(_text(each)) for each in to.value} if isinstance(to, SequenceNode) else set()
    wanted = list(dict.fromkeys(addition.hosts))
    missing = tuple(host for host in wanted if _canonical(host) not in here)
    present = tuple(host for host in wanted if _canonical(host) in here)
    if not missing:
        return Edited(text=text, rule=name, added=(), present=present)
    if not isinstance(to, SequenceNode) or not to.value:
        raise _rejected(path, "cannot-edit", f"rule {name!r} has no list under to", _BY_HAND)
    last = to.value[-1]
    if to.flow_style:
        new = _insert(text, _end(last), "".join(f", {_scalar(host)}" for host in missing))
    else:
        indent = " " * (last.start_mark.column - 2)
        lines = "".join(f"\n{indent}- {_scalar(host)}" for host in missing)
        new = _insert(text, _line_end(text, _end(last)), lines)
    _verify(text, new, path, name, missing)
    return Edited(text=new, rule=name, added=missing, present=present)


def _same_terms(path: str, rule: Node, name: str, addition: Addition) -> None:
    ports = _child(rule, "ports")
    there = [_text(each) for each in ports.value] if isinstance(ports, SequenceNode) else []
    terms = {
        "reason": (addition.reason, _text(_child(rule, "reason"))),
        "ticket": (addition.ticket, _text(_child(rule, "ticket"))),
        "ports": (_shown_ports(addition.ports), _shown_ports(there)),
    }
    problems = [
        _problem(
            path,
            "other-terms",
            f"rule {name!r} has {f'{key} {has!r}' if has else f'no {key} of its own'}, "
            f"but {requested!r} was requested",
            "leave the option out, or give --rule with a new name",
        )
        for key, (requested, has) in terms.items()
        if requested and requested != has
    ]
    if problems:
        raise Rejected(problems)


def _new_rule(text: str, path: str, rules: SequenceNode, name: str, addition: Addition) -> Edited:
    if not addition.reason:
        raise _rejected(
            path, "missing-reason", f"the new rule {name!r} needs a reason", "give --reason TEXT"
        )
    if not is_dns_label(name):
        raise _rejected(path, "bad-name", f"{name!r} cannot name a rule", "give --rule NAME")
    if rules.flow_style:
        raise _rejected(path, "cannot-edit", "the rules are written in one line", _BY_HAND)
    last = rules.value[-1]
    hosts = tuple(dict.fromkeys(addition.hosts))
    entries = [f"name: {name}", f"reason: {_scalar(addition.reason)}"]
    if addition.ticket:
        entries.append(f"ticket: {_scalar(addition.ticket)}")
    entries.append(f"to: [{', '.join(map(_scalar, hosts))}]")
    if addition.ports:
        entries.append(f"ports: [{', '.join(addition.ports)}]")
    indent = " " * (last.start_mark.column - 2)
    lines = f"\n{indent}- " + f"\n{indent}  ".join(entries)
    new = _insert(text, _line_end(text, _end(last)), lines)
    _verify(text, new, path, name, hosts)
    return Edited(text=new, rule=name, added=hosts, present=())


def _verify(before: str, after: str, path: str, name: str, hosts: Sequence[str]) -> None:
    """The edit holds what was requested and nothing else.

    Raises:
        Rejected: if the file's form was beyond the edit.
    """
    old, new = _load(before), _load(after)
    kept = {rule["name"]: rule for rule in old["egress"]}
    for rule in new["egress"]:
        expected = dict(kept.get(rule["name"], {}))
        if rule["name"] == name:
            expected = {**rule, "to": [*expected.get("to", []), *hosts]}
        if rule != expected:
            raise _rejected(path, "cannot-edit", f"the form of rule {name!r} is unusual", _BY_HAND)
    if {**old, "egress": None} != {**new, "egress": None}:
        raise _rejected(path, "cannot-edit", "the form of the file is unusual", _BY_HAND)


def _load(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return loaded


def _compose(text: str, path: str) -> Node:
    try:
        node: Node | None = YAML(typ="rt", pure=True).compose(StringIO(text))
    except YAMLError as error:
        raise _rejected(
            path, "yaml-syntax", "the file is not YAML", "run transire check"
        ) from error
    if not isinstance(node, MappingNode):
        raise _rejected(path, "cannot-edit", "the file is not a mapping", "run transire check")
    return node


def _child(node: Node, key: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.value if _text(name) == key), None)


def _text(node: Node | None) -> str:
    return str(node.value) if isinstance(node, ScalarNode) else ""


def _end(node: Node) -> int:
    """Where the last character of the node stands; block nodes end with their last child."""
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    if isinstance(node, SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1])
    index: int = node.end_mark.index
    return index


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def _insert(text: str, index: int, what: str) -> str:
    return text[:index] + what + text[index:]


def _scalar(text: str) -> str:
    """The text as a YAML scalar, quoted unless no reader could take it for something else."""
    plain = text.replace("-", "").replace(".", "").replace(" ", "")
    if plain.isalnum() and plain.isascii() and text[0].isalpha() and text == text.strip():
        loaded = YAML(typ="safe", pure=True).load(f"[{text}]")
        if loaded == [text] and text.lower() not in _WORDS:
            return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def _canonical(host: str) -> str:
    try:
        return HostPattern.parse(host).text
    except ValueError:
        return host


def _name_after(host: str) -> str:
    text = HostPattern.parse(host).text.replace("**", "any").replace("*", "any")
    return "-".join(label.strip("-") for label in text.replace("_", "-").split("."))


def _shown_ports(ports: Sequence[str]) -> str:
    return ", ".join(sorted(str(PortRange.parse(port)) for port in ports))


def _problem(path: str, rule: str, message: str, help: str) -> Problem:  # noqa: A002 - the field
    return Problem(at=Position(path=path), id=rule, message=message, help=help)


def _rejected(path: str, rule: str, message: str, help: str) -> Rejected:  # noqa: A002
    return Rejected([_problem(path, rule, message, help)])
