"""No function that templates may call separates Helm 3 from Helm 4, whatever it is given.

The SDK is Helm 4 and the executable Helm 3. Every function is called with odd arguments; what
Helm 4 takes must come out of Helm 3 alike. What only Helm 3 takes is refused with the proof, and
what only Helm 4 takes fails where it would be installed.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import helm_python
import pytest

from support.charts.both_helms import by_helm_3, by_helm_4, call
from transire.charts.templates.functions import ALLOWED
from transire.charts.templates.rules import template_problems
from transire.helm import cli

ARGUMENTS = (
    '""', '"a"', '"A b-c_d.é"', '"ǅ ß İ ſ"', '"1"', '"0x1F"', '"1.5"', '"-1"', '"1.2.3-alpha"',
    '">=1.2.3-0"', '"a: ["', r'"{\"a\": 1e3, \"b\": 12345678901234567890}"', '"[1, 2.0, 1e20]"',
    r'"a: 1\nb: 0o17\nc: yes\nd: 1e3\ne: 2020-01-01\nf: 0777\ng: ~\nh: 1_000\n"',
    r'"- y\n- 0x1f\n- .inf\n- 1:30"', '"{"', '"(?i)[a-z]+"', r'"\\pL+"', '"%v"', "0", "1", "-1",
    "3", "1.5", "1e20", "true", "nil", "(list)", '(list 1 "a" nil)', '(list "b" "a" "c")',
    "(list 3 1 2)", "(dict)", '(dict "a" 1 "b" (dict "c" (list 1)))', '(dict "a" nil)', ".Values",
    ".Values.n", ".Values.big", ".Values.f", ".Values.exp", ".Values.s", ".Values.l", ".Values.m",
    ".Values.t", ".Values.none", ".Values.d", ".Values.y",
)  # fmt: skip
GROWS = frozenset({"repeat", "seq", "until", "untilStep", "indent", "nindent"})
"""Functions that make much out of a number."""

TELLING = (
    '{{ semverCompare "!=1.2.3" "1.2.3-alpha" }}',
    '{{ typeIs "chartutil.Values" .Values }}',
    '{{ typeIsLike "chartutil.Values" .Values }}',
    "{{ typeOf .Values }}",
    '{{ printf "%T" .Values }}',
    '{{ printf "%[1]T" .Values }}',
    '{{ printf "%#v" .Values }}',
    '{{ printf "%+#v" .Values }}',
    '{{ printf "a" .Values }}',
    '{{ .Values | printf "a" }}',
    '{{ printf "%s" "a" .Values }}',
    '{{ .Values | printf "%s" "a" }}',
    '{{ printf "%%" .Values }}',
    '{{ printf "%s" (printf "a" .Values) }}',
)
"""Ways to tell one from the other."""


def calls(per_function: int) -> Iterator[str]:
    """Calls of every function: each argument alone, and drawn pairs and triples."""
    chosen = random.Random(11)
    small = [each for each in ARGUMENTS if each not in {"1e20", ".Values.big", ".Values.exp"}]
    for name in sorted(ALLOWED):
        given = small if name in GROWS else ARGUMENTS
        yield from (f"{name} {one}" for one in given)
        for count in (2, 3):
            for _ in range(per_function):
                yield f"{name} {' '.join(chosen.choice(given) for _ in range(count))}"


def template(text: str) -> dict[str, bytes]:
    return {"templates/a.yaml": text.encode()}


@pytest.mark.slow("many renderings by Helm")
def test_no_allowed_function_tells_helm_3_from_helm_4(tmp_path: Path) -> None:
    wanted = [each for each in calls(25) if not list(template_problems("c", template(call(each))))]
    four = {each: text for each in wanted if (text := by_helm_4(call(each))) is not None}

    three = by_helm_3(tmp_path, {each: call(each) for each in four})

    assert {each: (four[each], three[each]) for each in four if four[each] != three[each]} == {}
    called = {each.partition(" ")[0] for each in four}
    assert {"merge", "toYaml", "regexMatch", "fromYaml", "printf", "title"} <= called
    assert len(called) > 140


@pytest.mark.parametrize("text", TELLING)
def test_what_tells_them_apart_is_refused(text: str, tmp_path: Path) -> None:
    assert by_helm_4(text) != by_helm_3(tmp_path, {"": text})[""]

    (problem,) = template_problems("charts/a", template(text))

    assert "separates Helm 3 from Helm 4" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        '{{ printf "%s-%d%%" .Values.s (int 3) }}',
        '{{ .Values.s | printf "%q %5.2f\\n" 1.5 | quote }}',
        '{{ printf "a" }}',
        '{{ printf "%s" (dict "a" .Values.s).a }}',
        '{{ (printf "%v" $.Values.m.a) | quote }}',
        '{{ printf "%s" (printf "%s" "(") | quote }}',
    ],
)
def test_formats_with_a_verb_for_each_operand_are_allowed(text: str) -> None:
    assert by_helm_4(text) is not None
    assert list(template_problems("c", template(text))) == []


@pytest.mark.parametrize("name", ["AsMap", "YAML"])
def test_methods_that_values_have_in_go_give_the_same(name: str, tmp_path: Path) -> None:
    text = f"{{{{ .Values.{name} | toJson }}}}"

    assert by_helm_4(text) == by_helm_3(tmp_path, {"": text})[""]


def test_the_messages_are_exactly_these() -> None:
    told = [
        str(each)
        for text in ("{{ typeOf 1 }}", '{{ printf "%T" 1 }}')
        for each in template_problems("c", template(text))
    ]

    assert told == [
        (
            "c/templates/a.yaml:1:4: error: the function typeOf separates Helm 3 from Helm 4 "
            "(chart-template)\n"
            "  help: decide it in the values; templates only choose, repeat and quote"
        ),
        (
            "c/templates/a.yaml:1:4: error: printf shows the type that a value has in Go, which "
            "separates Helm 3 from Helm 4 (chart-template)\n  help: write its format without %T and %#v"
        ),
    ]


def test_both_majors_are_there() -> None:
    version = subprocess.run(
        [cli.executable(), "version", "--short"], capture_output=True, text=True, check=True
    )

    assert version.stdout.startswith("v3.")
    assert helm_python.helm_sdk_version().startswith("v4.")
