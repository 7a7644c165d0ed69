"""Adding hosts to a values file the way a person would: nothing else moves.

The text is edited at positions that the YAML reader gives, so comments, order, quotes and blank
lines stay as they are. The result is read again and must hold exactly what was requested.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import Node, SequenceNode

from transire.model.names import is_dns_label
from transire.model.problems import Rejected
from transire.values.addition import (
    Addition,
    Item,
    canonical,
    items,
    mistakes,
    rule_name,
    shown,
    terms,
)
from transire.values.yaml_places import (
    BY_HAND,
    child,
    compose,
    end_of,
    line_end,
    problem,
    rejected,
    text_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The new text, the rule that was written, and what was added to it or there already."""

    text: str
    rule: str
    added: tuple[str, ...]
    present: tuple[str, ...]


def add_hosts(text: str, path: str, addition: Addition) -> Edited:
    """`text` with the destinations in the rule; the same text where all of them are there already.

    Raises:
        Rejected: if a host, port or name is wrong, if the rule exists with another reason, ticket
            or ports, or if the file is not in the form that an edit understands.
    """
    problems = tuple(mistakes(path, addition))
    if problems:
        raise Rejected(problems)
    root = compose(text, path)
    rules = child(root, "egress")
    if not isinstance(rules, SequenceNode) or not rules.value:
        raise rejected(path, "cannot-edit", "the file has no rules under egress", BY_HAND)
    name = rule_name(addition)
    found = next((each for each in rules.value if text_of(child(each, "name")) == name), None)
    if found is None:
        return _new_rule(text, path, rules, name, addition)
    return _more_items(text, path, found, name, addition)


def _more_items(text: str, path: str, rule: Node, name: str, addition: Addition) -> Edited:
    there = next(each for each in _load(text)["egress"] if each.get("name") == name)
    _same_terms(path, there, name, addition)
    to = child(rule, "to")
    here = {canonical(each) for each in there.get("to") or ()}
    wanted = items(addition)
    missing = [each for each in wanted if each.canonical not in here]
    present = tuple(each.given for each in wanted if each.canonical in here)
    if not missing:
        return Edited(text=text, rule=name, added=(), present=present)
    if not isinstance(to, SequenceNode) or not to.value:
        raise rejected(path, "cannot-edit", f"rule {name!r} has no list under to", BY_HAND)
    last = to.value[-1]
    if to.flow_style:
        new = _insert(text, end_of(last), "".join(f", {each.text}" for each in missing))
    else:
        indent = " " * (last.start_mark.column - 2)
        lines = "".join(f"\n{indent}- {_line(each, addition)}" for each in missing)
        new = _insert(text, line_end(text, end_of(last)), lines)
    _verify(text, new, path, name, missing)
    added = tuple(each.given for each in missing)
    return Edited(text=new, rule=name, added=added, present=present)


def _same_terms(path: str, there: Mapping[str, Any], name: str, addition: Addition) -> None:
    """Refuse terms that the rule does not have: they hold for everything in it.

    Raises:
        Rejected: if there are some.
    """
    problems = []
    for key, term in terms(addition).items():
        has = shown(key, there.get(key))
        if term.shown != has:
            problems.append(
                problem(
                    path,
                    "other-terms",
                    f"rule {name!r} has {f'{key} {has!r}' if has else f'no {key} of its own'}, "
                    f"but {term.shown!r} was requested",
                    "leave the option out, or give --rule with a new name",
                )
            )
    if problems:
        raise Rejected(problems)


def _new_rule(text: str, path: str, rules: SequenceNode, name: str, addition: Addition) -> Edited:
    if not addition.reason:
        raise rejected(
            path, "missing-reason", f"the new rule {name!r} needs a reason", "give --reason TEXT"
        )
    if not is_dns_label(name):
        raise rejected(path, "bad-name", f"{name!r} cannot name a rule", "give --rule NAME")
    if rules.flow_style:
        raise rejected(path, "cannot-edit", "the rules are written in one line", BY_HAND)
    last = rules.value[-1]
    wanted = items(addition)
    given = {key: term.text for key, term in terms(addition).items()}
    before = {key: given.pop(key) for key in _BEFORE_TO if key in given}
    indent = " " * (last.start_mark.column - 2)
    to = {"to": _to(wanted, addition, f"\n{indent}    - ")} if wanted else {}
    keys = {"name": name, **before, **to, **given}
    lines = f"\n{indent}- " + f"\n{indent}  ".join(f"{key}: {keys[key]}" for key in keys)
    new = _insert(text, line_end(text, end_of(last)), lines)
    _verify(text, new, path, name, wanted)
    added = tuple(each.given for each in wanted)
    return Edited(text=new, rule=name, added=added, present=())


_BEFORE_TO = ("reason", "ticket", "expires", "from")


def _to(wanted: Sequence[Item], addition: Addition, start: str) -> str:
    """The list of a new rule: in one line, or with a line for each where any has evidence."""
    if not addition.evidence:
        return f"[{', '.join(each.text for each in wanted)}]"
    return "".join(f"{start}{_line(each, addition)}" for each in wanted)


def _line(item: Item, addition: Addition) -> str:
    comment = addition.evidence.get(item.given, "")
    return f"{item.text}  # {comment}" if comment else item.text


def _verify(before: str, after: str, path: str, name: str, added: Sequence[Item]) -> None:
    """The edit holds what was requested and nothing else.

    Raises:
        Rejected: if the file's form was beyond the edit.
    """
    old, new = _load(before), _load(after)
    kept = {rule["name"]: rule for rule in old["egress"]}
    for rule in new["egress"]:
        expected = dict(kept.get(rule["name"], {}))
        if rule["name"] == name:
            to = [*expected.get("to", []), *(each.value for each in added)]
            expected = {**(expected or rule), **({"to": to} if to else {})}
        if rule != expected:
            raise rejected(path, "cannot-edit", f"the form of rule {name!r} is unusual", BY_HAND)
    if {**old, "egress": None} != {**new, "egress": None}:
        raise rejected(path, "cannot-edit", "the form of the file is unusual", BY_HAND)


def _load(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return loaded


def _insert(text: str, index: int, what: str) -> str:
    return text[:index] + what + text[index:]
