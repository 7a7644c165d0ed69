"""What a person writes about a symptom, as far as it names something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from transire.k8s.go_cidr import parse_address

_HOST = re.compile(
    r"(?<![\w.@/-])(?:https?://)?((?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9])\.?(?![\w.]*\w)(?::(\d{1,5}))?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<![\w.:])((?:\d{1,3}\.){3}\d{1,3})(?::(\d{1,5}))?(?![\w.])")
_ADDRESS6 = re.compile(
    r"(?<![\w:.])\[?((?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})\]?(?![\w:])", re.IGNORECASE
)
_PORT = re.compile(r"\bports?\s+(\d{1,5})\b|(?<=:)(\d{2,5})\b", re.IGNORECASE)
_SCHEME = re.compile(r"\b(https?)://", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.:])([1-5]\d\d)(?![\d.:]|\s*(?:ms|s|seconds?|pods?)\b)")
_WORD = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;]|\bbut\b|\bwhile\b|\bwhereas\b|\balthough\b|\bthough\b", re.IGNORECASE)
_FINE = re.compile(
    r"(?<!not )(?<!never )(?<!longer )\b(works|working|fine|no trouble|no problem|all right"
    r"|unaffected|resolves|ok)\b",
    re.IGNORECASE,
)


def _phrases(*parts: str) -> re.Pattern[str]:
    """Any of some phrases, as whole words and in any case."""
    return re.compile("|".join(rf"\b(?:{each})\b" for each in parts), re.IGNORECASE)


_OPEN = _phrases(
    "can (?:still |also |now |even )?(?:reach|connect|access|open|get|talk|call|download|send)",
    "(?:is|are|was|were) not (?:being )?(?:blocked|denied|stopped|enforced|limited|isolated)",
    "isn't (?:blocked|enforced)",
    "not (?:enforced|stopped)",
    "nothing is (?:blocked|denied|dropped|enforced)",
    "everything is (?:allowed|open|let through)",
    "no longer (?:blocked|denied)",
    "reach(?:es)? (?:anything|everything|any|every|all|the whole)",
    "should not|shouldn't|must not|should be (?:blocked|denied)",
    "gets? (?:through|out)",
    "unrestricted",
    "leaks?",
)
"""What tells for itself that something is let through."""
_THROUGH = _phrases(
    "reaches|connects|downloads|uploads|sends|fetches|loads|passes|succeeds|goes through",
    "still (?:goes|works|answers|open|allowed|reachable|get|reach|connect|talk)",
)
"""What tells so where nothing in the text tells of a failure."""
_WITHOUT_EFFECT = _phrases(
    "no effect|does nothing|do nothing", "(?:is|are) ignored", "not (?:in force|applied|effective)"
)
"""What tells so where no log shows a denial."""
_FAILING = _phrases(
    "tim(?:es?|ed|ing)[ -]?out|timeouts?|fail(?:s|ed|ing|ures?)?|hangs?|breaks?|stops?|errors?",
    "cannot|can't|can not|unreachable|refused|reset|drop(?:s|ped)?|no longer|neither|never|only",
    "(?:not|no) (?:reach|connect|resolve|work|get|download|possible|pod|workload|name|host)",
    "but not",
)
_CONCESSION = re.compile(r"\b(?:al)?though\b", re.IGNORECASE)
"""What comes after it is how things should be."""
_NAMES = re.compile(
    r"\bresolv|\bDNS\b|\blook ?ups?\b|NXDOMAIN|ENOTFOUND|EAI_AGAIN|\bno such host|\bname or service"
    r"|\bunknown host|\bservfail|\bgetaddrinfo|\bnames?\b",
    re.IGNORECASE,
)
_SLOW = re.compile(
    r"\bslow|\blatency|\bseconds?\b.*\b(answer|lookup|resolve)|\bmemory|\bCPU\b|\bpressure|\bload\b",
    re.IGNORECASE,
)
_RESET = re.compile(r"\breset|handshake|\bTLS\b|\bSSL\b|\bcertificate", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_MOST_PORT = 65535


@dataclass(frozen=True)
class Symptom:
    """A text about a symptom; empty where nobody wrote one."""

    text: str

    @cached_property
    def hosts(self) -> tuple[str, ...]:
        """Names with a dot, in lower case, in their order."""
        found = (each[1].lower() for each in _HOST.finditer(self.text))
        return tuple(dict.fromkeys(found))

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """Addresses of both families."""
        plain = [each[1] for each in _ADDRESS.finditer(self.text)]
        plain += [each[1] for each in _ADDRESS6.finditer(self.text)]
        found = (parse_address(each) for each in plain)
        return tuple(dict.fromkeys(str(each) for each in found if each is not None))

    @cached_property
    def port(self) -> int | None:
        """The first port that is named, or that of a URL's scheme."""
        for each in (_HOST, _ADDRESS):
            named = next((found[2] for found in each.finditer(self.text) if found[2]), None)
            if named and int(named) <= _MOST_PORT:
                return int(named)
        found = _PORT.search(self.text)
        if found:
            number = int(found[1] or found[2])
            return number if 0 < number <= _MOST_PORT else None
        scheme = _SCHEME.search(self.text)
        return _PORTS[scheme[1].lower()] if scheme else None

    @cached_property
    def statuses(self) -> frozenset[int]:
        """Numbers that are a status of HTTP."""
        return frozenset(int(each[1]) for each in _STATUS.finditer(self.text))

    @cached_property
    def words(self) -> frozenset[str]:
        """All words, in lower case."""
        return frozenset(each[0].lower() for each in _WORD.finditer(self.text))

    @cached_property
    def troubled_words(self) -> frozenset[str]:
        """The words of clauses that tell of trouble."""
        clauses = [each for each in _CLAUSE.split(self.text) if not _FINE.search(each)]
        return frozenset(word[0].lower() for each in clauses for word in _WORD.finditer(each))

    @property
    def is_open(self) -> bool:
        """Whether something gets through that should not."""
        if _OPEN.search(self.text):
            return True
        told = _CONCESSION.split(self.text)[0]
        return _THROUGH.search(told) is not None and _FAILING.search(told) is None

    @property
    def is_without_effect(self) -> bool:
        """Whether policies are told to have no effect, which may be meant either way."""
        return _WITHOUT_EFFECT.search(self.text) is not None

    @property
    def is_about_names(self) -> bool:
        """Whether names are what fails."""
        return _NAMES.search(self.text) is not None

    @property
    def is_slow(self) -> bool:
        """Whether something takes long, or much."""
        return _SLOW.search(self.text) is not None

    @property
    def is_reset(self) -> bool:
        """Whether a connection breaks, or TLS does."""
        return _RESET.search(self.text) is not None
