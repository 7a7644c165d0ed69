"""`docs/api.md` runs as written, and names every verb that the package gives."""

from __future__ import annotations

import doctest
import inspect
import re
from pathlib import Path

import pytest

import transire
from support.paths import DOCS

PAGE = DOCS / "api.md"
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.slow("long runs in a repository")
def test_the_examples_run_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```pycon\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, PAGE.name, str(PAGE), 0)
    told: list[str] = []

    ran = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=told.append)

    assert "".join(told) == ""
    assert (ran.failed, ran.attempted) == (0, len(examples.examples))
    assert ran.attempted > 20


@pytest.mark.parametrize("name", transire.__all__)
def test_every_name_of_the_package_is_shown(name: str) -> None:
    assert re.search(rf"\b{name}\b", TEXT)


VERBS = sorted(each for each in transire.__all__ if each.islower())


def plain_signature(verb: str) -> str:
    """The verb as it is called, without types."""
    signature = inspect.signature(getattr(transire, verb))
    empty = inspect.Parameter.empty
    bare = [each.replace(annotation=empty) for each in signature.parameters.values()]
    words = str(inspect.Signature(bare)).replace("'", '"')
    return f"`{verb}{words}`"


@pytest.mark.parametrize("verb", [each for each in VERBS if each not in {"check", "report"}])
def test_the_signatures_are_those_of_the_verbs(verb: str) -> None:
    assert plain_signature(verb) in TEXT


def test_check_takes_what_generate_takes() -> None:
    assert plain_signature("check").removeprefix("`check") == plain_signature(
        "generate"
    ).removeprefix("`generate")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_says_what_it_gives_and_raises(verb: str) -> None:
    doc = inspect.getdoc(getattr(transire, verb))

    assert doc is not None
    assert doc.splitlines()[0].endswith(".") or doc.splitlines()[1:]
    assert "Raises:" in doc
