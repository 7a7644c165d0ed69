"""Single changes to a template, each with the line it is in and what was done."""

from __future__ import annotations

import re
from collections.abc import Iterator

from support.mutants.places import (
    Action,
    Block,
    actions_of,
    blocks_of,
    code_lines,
    line_at,
    nested,
    without,
)

Change = tuple[int, str, str]
"""The line from 1, what was changed, and the whole text after it."""

_SWAPS = (
    ("Egress", "Ingress"), ("egress:", "ingress:"), ("Allow", "Deny"), ("Deny", "Allow"),
    ("Deny", "Audit"), ("Allow", "Pass"), ("Fail", "Ignore"), ("toFQDNs", "toFQDN"),
    ("false", "true"), ("true", "false"), ("matchName:", "matchPattern:"),
    ("matchPattern:", "matchName:"), ("Exists", "DoesNotExist"), ("operator: In", "operator: NotIn"),
    (" == ", " != "), (" != ", " == "), (" && ", " || "), (" || ", " && "), ("all()", "!all()"),
    ("global()", "all()"), ("all()", "global()"), ("'k8s'", "'x'"), ("!has(", "has("), ("!(", "("),
    (".all(", ".exists("), ("concat ", "append "), ("eq ", "ne "), ("ne ", "eq "),
    (" in ", " not in "), ("nets:", "notNets:"), ("notNets:", "nets:"), ("endPort:", "port:"),
    ("protocol:", "name:"), (" | int", " | int | add 1"), ("metadata.name", "x"),
    ("{}", "{app: x}"), ("cidr:", "except:"), ("except:", "cidr:"), ("  - ", "    "),
    ("projectcalico.org/", "x/"), ("Network", "GlobalNetwork"),
    ("GlobalNetwork", "Network"), ("Clusterwide", ""), ("Staged", ""), ("k8s:", "any:"),
    ('["*"]', "[v1]"), ("podSelector", "namespaceSelector"), ("namespaceSelector", "podSelector"),
    ("toCIDRSet", "toCIDR"), ("toEntities", "toEndpoints"), ("keep", "delete"),
    ("Prune=false", "Prune=true"), ("Delete=false", "Delete=true"), (".*", "*"), ('"-1"', '"1"'),
    ("cluster-wide", "x"), ("CREATE", "CONNECT"), ("serverNames", "listener"),
)  # fmt: skip
"""Literals and what each is changed to; one at a time, in the first place of a line."""

_FIELDS = (
    ("enforce", "audit"), ("name", "namespace"), ("rules", "sets"), ("nets", "notNets"),
    ("matchName", "matchPattern"), ("port", "endPort"), ("cidr", "except"), ("cidrs", "pods"),
    ("labels", "namespace"), ("layer", "source"), ("dns", "serverNames"), ("fqdns", "cidrs"),
    ("endpoints", "entities"), ("first", "labels"), ("set", "networkSet"), ("pods", "sets"),
    ("team", "namespace"), ("order", "name"), ("values", "name"), ("engine", "mode"),
)  # fmt: skip
"""Fields of values that could be taken for each other."""

_KEY = re.compile(r"^([ ]*(?:- )?\"?)([A-Za-z][-A-Za-z./:]*)(\"?:)")
_NESTING_KEY = re.compile(r"^[ ]*(?:- )?[^{}#]*:\s*$")
_CONSTANT = re.compile(r"^(\s*(?:- )?(?:[\w./-]+: )?)([A-Za-z][\w./-]*)$")
_NUMBER = re.compile(r"(?<![\w.\"'-])(\d+)(?![\w.\"'])")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_FLOW_LIST = re.compile(r"(?<!\[)\[([^\[\]{}\"]+)\]")
_STAGE = re.compile(r"\s*\|\s*(\w+(?:\s+\d+)?)")
_REQUIRED = re.compile(r'required\s+"(?:[^"\\]|\\.)*"\s+')
_DEFAULT = re.compile(
    r"\(default (nil|\(list \"all\(\)\"\)) ([^()]+)\)|default (nil|\(list [^()]*(?:\(\))?[^()]*\)) "
)
_LIST_CALL = re.compile(r'list((?: "(?:[^"\\]|\\.)*")+)')
_FIELD = re.compile(r"(?<=[.])([a-zA-Z]+)\b")


def changes_of(template: str) -> Iterator[Change]:
    """Every change of the template, without those that come to the same text."""
    seen = {template}
    for change in _all(template):
        if change[2] not in seen:
            seen.add(change[2])
            yield change


def _all(template: str) -> Iterator[Change]:
    yield from _in_lines(template)
    for block in blocks_of(template):
        for what, text in _in_block(template, block):
            yield line_at(template, block.opening.start), what, text
    for action in actions_of(template):
        for what, inside in _in_action(action):
            line = line_at(template, action.start)
            yield line, f"{what} in {_short(action.text)}", action.within(template, inside)


def _in_lines(template: str) -> Iterator[Change]:
    lines = template.split("\n")
    for place, line in code_lines(template):
        for what, changed in _in_line(line):
            text = "\n".join([*lines[:place], *changed, *lines[place + 1 :]])
            yield place + 1, what, text
        end = nested(template, place)
        if _NESTING_KEY.match(line) and end > place + 1:
            yield place + 1, "dropped with all below", "\n".join([*lines[:place], *lines[end:]])
        after = lines[place + 1] if place + 1 < len(lines) else ""
        if line.lstrip().startswith("- ") and after.lstrip().startswith("- "):
            swapped = [*lines[:place], after, line, *lines[place + 2 :]]
            yield place + 1, "swapped with the next item", "\n".join(swapped)


def _in_line(line: str) -> Iterator[tuple[str, list[str]]]:
    yield "deleted", []
    for before, after in _SWAPS:
        if before in line:
            yield f"{before!r} to {after!r}", [line.replace(before, after, 1)]
    if _KEY.match(line):
        yield "key misspelt", [_KEY.sub(r"\1\2x\3", line)]
    if constant := _CONSTANT.match(line):
        yield "another constant", [f"{constant[1]}x{constant[2]}"]
    for number in _NUMBER.finditer(line):
        for other in (int(number[1]) + 1, 0):
            changed = f"{line[: number.start()]}{other}{line[number.end() :]}"
            yield f"{number[1]} to {other}", [changed]
    yield from ((what, [changed]) for what, changed in _in_lists(line))
    for string in _STRING.finditer(line):
        for what, changed in _terms(string[0]):
            yield what, [line[: string.start()] + changed + line[string.end() :]]
        if not _is_message(line, string):
            changed = f'{line[: string.start()]}"x{string[0][1:]}{line[string.end() :]}'
            yield f"{_short(string[0])} to another", [changed]


def _is_message(line: str, string: re.Match[str]) -> bool:
    """Whether the string is the sentence of a `required`, which no object holds."""
    return line[: string.start()].rstrip().endswith("required")


def _in_lists(line: str) -> Iterator[tuple[str, str]]:
    """Items of a list in one line dropped, one at a time, and the first two swapped."""
    for found, split, join in (
        *((each, ", ", ", ") for each in _FLOW_LIST.finditer(line)),
        *((each, '" "', '" "') for each in _LIST_CALL.finditer(line)),
    ):
        inside = found[1].strip().strip('"') if split == '" "' else found[1]
        items = inside.split(split)
        for number, item in enumerate(items if len(items) > 1 else ()):
            kept = join.join([*items[:number], *items[number + 1 :]])
            yield f"item {item} dropped", line.replace(inside, kept, 1)
        if len(items) > 1:
            swapped = join.join([items[1], items[0], *items[2:]])
            yield f"items {items[0]} and {items[1]} swapped", line.replace(inside, swapped, 1)


def _terms(string: str) -> Iterator[tuple[str, str]]:
    """Each term of a condition in a string dropped."""
    for sign in (" && ", " || "):
        terms = string[1:-1].split(sign)
        for number, term in enumerate(terms if len(terms) > 1 else ()):
            kept = sign.join([*terms[:number], *terms[number + 1 :]])
            yield f"term {_short(term)} dropped", f'"{kept}"'


def _in_block(template: str, block: Block) -> Iterator[tuple[str, str]]:
    opening, closing = block.opening, block.closing
    shown = _short(opening.text)
    if opening.keyword != "define":
        yield f"block {shown} dropped", without(template, opening.start, closing.end)
        opened = without(template, closing.start, closing.end)
        if not block.elses:
            yield f"{shown} without its condition", without(opened, opening.start, opening.end)
    first_end = block.elses[0].start if block.elses else closing.start
    emptied = template[: opening.end] + template[first_end:]
    yield f"body of {shown} dropped", emptied
    if block.elses:
        last = block.elses[-1]
        yield f"else of {shown} dropped", without(template, last.start, closing.start)
    if opening.keyword == "if":
        for what, inside in _conditions(opening.rest):
            yield f"{what} in {shown}", opening.within(template, f"if {inside}")
    for each in block.elses:
        if each.rest.startswith("if "):
            for what, inside in _conditions(each.rest[3:]):
                text = each.within(template, f"else if {inside}")
                yield f"{what} in {_short(each.text)}", text
    if opening.keyword == "range" and ":=" not in opening.rest:
        first = f"range (first (default (list nil) ({opening.rest})) | list)"
        yield f"only the first in {shown}", opening.within(template, first)


def _conditions(condition: str) -> Iterator[tuple[str, str]]:
    yield "condition negated", f"not ({condition})"
    yield "condition always true", "true"
    yield "condition always false", "false"
    if condition.startswith("and "):
        yield "and to or", f"or {condition[4:]}"


def _in_action(action: Action) -> Iterator[tuple[str, str]]:
    text = action.text
    for stage in _STAGE.finditer(text):
        yield f"| {stage[1]} dropped", text[: stage.start()] + text[stage.end() :]
    for found in _REQUIRED.finditer(text):
        yield "required dropped", text[: found.start()] + text[found.end() :]
    for found in _DEFAULT.finditer(text):
        kept = f"({found[2]})" if found[2] else ""
        yield "default dropped", text[: found.start()] + kept + text[found.end() :]
    for field in _FIELD.finditer(text):
        for one, other in _FIELDS:
            for before, after in ((one, other), (other, one)):
                if field[1] == before:
                    changed = text[: field.start()] + after + text[field.end() :]
                    yield f".{before} to .{after}", changed


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."
