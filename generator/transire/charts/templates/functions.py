"""The functions that a template may call: those that give the same for the same, everywhere.

That includes both majors of Helm, which differ in the types that values have in Go, and in how
they compare versions before a release.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_FROM_GO = "and eq ge gt index le len lt ne not or print printf println slice"
_FROM_HELM = (
    "fail fromJson fromJsonArray fromYaml fromYamlArray include required toJson toYaml toYamlPretty"
)
_FROM_SPRIG = """
abbrev abbrevboth add add1 add1f addf adler32sum all any append atoi b32dec b32enc b64dec b64enc
base biggest camelcase cat ceil chunk clean coalesce compact concat contains deepCopy deepEqual
default dict dig dir div divf empty ext first float64 floor get has hasKey hasPrefix hasSuffix
indent initial initials int int64 isAbs join kebabcase kindIs kindOf last list lower max maxf merge
mergeOverwrite min minf mod mul mulf mustAppend mustChunk mustCompact mustDeepCopy
mustFirst mustHas mustInitial mustLast mustPrepend mustPush mustRegexFind mustRegexFindAll
mustRegexMatch mustRegexReplaceAll mustRegexReplaceAllLiteral mustRegexSplit mustRest mustReverse
mustSlice mustToJson mustToPrettyJson mustUniq mustWithout nindent nospace omit pick pluck plural
prepend push quote regexFind regexFindAll regexMatch regexQuoteMeta regexReplaceAll
regexReplaceAllLiteral regexSplit repeat replace rest reverse round seq set
sha1sum sha256sum sha512sum snakecase sortAlpha split splitList splitn squote sub subf substr
swapcase ternary title toDecimal toPrettyJson toRawJson toString toStrings trim trimAll trimPrefix
trimSuffix trimall trunc tuple uniq unset until untilStep untitle upper
without wrap wrapWith
"""

ALLOWED = frozenset(f"{_FROM_GO} {_FROM_HELM} {_FROM_SPRIG}".split())
"""What depends on its arguments alone."""

_BY_WHY: Mapping[str, str] = {
    "asks the cluster or the network, which a proof cannot know": "getHostByName lookup",
    "reads the environment of whoever renders": "env expandenv",
    "depends on the clock": (
        "ago date dateInZone dateModify date_in_zone date_modify duration durationRound htmlDate "
        "htmlDateInZone mustDateModify mustToDate must_date_modify now toDate unixEpoch"
    ),
    "gives something else each time": (
        "bcrypt encryptAES genCA genCAWithKey genPrivateKey genSelfSignedCert "
        "genSelfSignedCertWithKey genSignedCert genSignedCertWithKey htpasswd randAlpha "
        "randAlphaNum randAscii randBytes randInt randNumeric shuffle uuidv4"
    ),
    "separates Helm 3 from Helm 4": "semverCompare typeIs typeIsLike typeOf",
    "lists a map in an order that changes each time": "keys values",
    "runs text as a template, so a value could reach what no template may": "tpl",
}
WHY_NOT: Mapping[str, str] = MappingProxyType(
    {name: why for why, names in _BY_WHY.items() for name in names.split()}
)
"""Why some others are not allowed."""
