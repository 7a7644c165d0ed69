"""The grammar of Calico selectors: text to `Selector`.

```text
or      = and { "||" and }            and = unary { "&&" unary }
unary   = { "!" } ( "all()" | "global()" | "has(" key ")" | "(" or ")" | key operator )
operator= "==" text | "!=" text | "contains" text | "starts with" text | "ends with" text
        | "in" set | "not in" set
set     = "{" [ text { "," text } [ "," ] ] "}"
text    = '...' | "..."               key = letters, digits and _ . / -
```

Blanks are spaces and tabs only, so a newline is a mistake; texts have no escapes.
Source: `libcalico-go/lib/selector/{tokenizer,parser}` of Calico.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from transire.engines.calico.objects.selector import (
    AllOf,
    AnyOf,
    Everything,
    Global,
    Has,
    HasPart,
    Not,
    OneOf,
    Selector,
    ValuePart,
)

MAX_KEY = 512
"""Longest label key in characters."""

MAX_DEPTH = 60
"""Parentheses inside each other that this model follows."""

MAX_TEXT = 16_384
"""Characters of a selector that this model follows; Calico sets no limit before 3.33."""

_TOKEN = re.compile(
    r"""[ \t]*(?:
      (?P<text>"[^"]*"|'[^']*')
    | (?P<has>has\([ \t]*(?P<haskey>[a-zA-Z0-9_./-]+)[ \t]*\))
    | (?P<all>all\([ \t]*\))
    | (?P<global>global\([ \t]*\))
    | (?P<sign>&&|\|\||==|!=|[!(){},])
    | (?P<key>[a-zA-Z0-9_./-]+)
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_OPERATOR = re.compile(
    r"[ \t]*(?P<op>contains|starts[ \t]*with|ends[ \t]*with|not[ \t]*in|in|==|!=)"
)
_PARTS = {
    "contains": ValuePart.CONTAINS,
    "startswith": ValuePart.STARTS,
    "endswith": ValuePart.ENDS,
}


class SelectorError(ValueError):
    """The text is no selector; the message gives the reason."""


class IntricateSelectorError(ValueError):
    """The text may be a selector, but is longer or nested deeper than this model follows."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str = ""


@lru_cache(maxsize=4096)
def parse_selector(text: str) -> Selector:
    """The selector that `text` writes; a text of blanks alone selects everything.

    Raises:
        SelectorError: if Calico would refuse it.
        IntricateSelectorError: if it is too long or nested too deeply to be judged.
    """
    if len(text) > MAX_TEXT:
        raise IntricateSelectorError(f"it has more than {MAX_TEXT} characters")
    tokens = _tokens(text)
    if len(tokens) == 1:
        return Everything()
    parser = _Parser(tokens)
    selector = parser.any_of(0)
    if parser.kind != "end":
        raise SelectorError(f"{_shown(parser.token)} follows a complete selector")
    return selector


def is_only_global(text: str) -> bool:
    """Whether the selector is `global()` and nothing else, blanks aside."""
    return re.fullmatch(r"[ \t]*global\([ \t]*\)[ \t]*", text) is not None


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    place = 0
    while not found or found[-1].kind != "end":
        if found and found[-1].kind == "key":
            match = _OPERATOR.match(text, place)
            if match is None:
                raise SelectorError(_unfinished(found[-1].value, text[place:]))
            found.append(_Token("op", re.sub(r"[ \t]", "", match["op"])))
        else:
            match = _TOKEN.match(text, place)
            if match is None:
                raise SelectorError(_stray(text, place))
            token = _token(match)
            if token.kind == "key" and found and found[-1].kind in {"op", "{", ","}:
                raise SelectorError(f"the value {token.value!r} is not in quotes")
            found.append(token)
        place = match.end()
    return found


def _token(match: re.Match[str]) -> _Token:
    kind = match.lastgroup or ""
    if kind == "haskey":
        kind = "has"
    value = match["haskey"] if kind == "has" else match[kind]
    if kind in {"has", "key"} and len(value) > MAX_KEY:
        raise SelectorError(f"a label key has {len(value)} characters, at most {MAX_KEY} are taken")
    if kind == "text":
        value = value[1:-1]
    return _Token(value if kind == "sign" else kind, value)


def _stray(text: str, place: int) -> str:
    rest = text[place:].lstrip(" \t")
    if rest[:1] in {"\n", "\r"}:
        return "it holds a line break, and only spaces and tabs may separate its parts"
    if rest[:1] in {"'", '"'}:
        return f"the text that begins with {rest[:20]!r} has no closing quote"
    return f"{rest[:20]!r} is no part of a selector"


def _unfinished(key: str, rest: str) -> str:
    if key in {"has", "all", "global"} and rest.startswith("("):
        return f"{key}( is not closed behind what belongs in it"
    return f"no operator follows the label {key!r}"


def _shown(token: _Token) -> str:
    return "its end" if token.kind == "end" else repr(token.value)


class _Parser:
    """Recursive descent over the tokens of one selector."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.place = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.place]

    @property
    def kind(self) -> str:
        return self.token.kind

    def next(self) -> _Token:
        token = self.token
        self.place += 1
        return token

    def any_of(self, depth: int) -> Selector:
        if depth > MAX_DEPTH:
            raise IntricateSelectorError(f"it has more than {MAX_DEPTH} nested parentheses")
        parts = [self.all_of(depth)]
        while self.kind == "||":
            self.next()
            parts.append(self.all_of(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def all_of(self, depth: int) -> Selector:
        parts = [self.unary(depth)]
        while self.kind == "&&":
            self.next()
            parts.append(self.unary(depth))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def unary(self, depth: int) -> Selector:
        negated = False
        while self.kind == "!":
            self.next()
            negated = not negated
        inner = self.term(depth)
        return Not(inner) if negated else inner

    def term(self, depth: int) -> Selector:
        token = self.next()
        match token.kind:
            case "has":
                return Has(token.value)
            case "all":
                return Everything()
            case "global":
                return Global()
            case "key":
                return self.comparison(token.value)
            case "(":
                inner = self.any_of(depth + 1)
                if self.next().kind != ")":
                    raise SelectorError("a parenthesis is not closed")
                return inner
        raise SelectorError(f"{_shown(token)} stands where a condition belongs")

    def comparison(self, key: str) -> Selector:
        operator = self.next().value
        if operator in {"in", "notin"}:
            values = self.values(key)
            return OneOf(key, values) if operator == "in" else Not(OneOf(key, values))
        token = self.next()
        if token.kind != "text":
            raise SelectorError(f"no value in quotes follows the label {key!r}")
        if operator in _PARTS:
            return HasPart(key, _PARTS[operator], token.value)
        same = OneOf(key, frozenset({token.value}))
        return same if operator == "==" else Not(same)

    def values(self, key: str) -> frozenset[str]:
        found: set[str] = set()
        if self.next().kind != "{":
            raise SelectorError(f"the values of the label {key!r} are not in braces")
        while self.kind == "text":
            found.add(self.next().value)
            if self.kind != ",":
                break
            self.next()
        if self.next().kind != "}":
            raise SelectorError(f"the braces after the label {key!r} do not close after a value")
        return frozenset(found)
