"""Options and settings that every test shares."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from selenium.webdriver import Chrome

from support.delivery.fake_registry import FakeRegistry, fake_registry
from support.review.browser import browser

pytest_plugins = ("support.ci.scaffolded_repository", "support.run_summary")

settings.register_profile(
    "explore", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile(
    "transire", settings.get_profile("explore"), derandomize=True, max_examples=60
)
settings.load_profile("transire")
"""The same examples on every run; `--hypothesis-profile explore` draws new ones, and more."""

providers._get_local_constants = lambda: providers._local_constants  # noqa: SLF001 - no setting
"""Else Hypothesis draws constants of whatever modules are loaded by then, others in each worker."""


def pytest_configure() -> None:
    """No run of the program finds what another proved, unless a test gives both a folder.

    Garbage is looked for as seldom as in a run of the program, or a fifth of the time goes there.
    """
    os.environ["TRANSIRE_CACHE"] = "off"
    gc.set_threshold(50_000, 20, 50)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite expected files instead of comparing, and run no test that has none; look at "
        "the difference before you commit",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where expected files are rewritten, leave out what has none."""
    if config.getoption("--update-golden"):
        without = [each for each in items if "update_golden" not in _fixtures(each)]
        config.hook.pytest_deselected(items=without)
        items[:] = [each for each in items if "update_golden" in _fixtures(each)]


def pytest_collection_finish() -> None:
    """What was collected stays to the end: the garbage collector need not look through it again."""
    gc.collect()
    gc.freeze()


def _fixtures(item: pytest.Item) -> tuple[str, ...]:
    return tuple(getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def recursion_limit() -> Iterator[None]:
    """Some libraries raise the limit for the whole process, and how deep rules nest is judged."""
    limit = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(limit)


@pytest.fixture(scope="module")
def server() -> Iterator[FakeRegistry]:
    """A registry in memory, kept for the tests of a file."""
    with fake_registry() as registry:
        yield registry


@pytest.fixture
def fake(server: FakeRegistry) -> FakeRegistry:
    """The same registry, empty and well-behaved."""
    server.reset()
    return server


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One browser for every test that shows pages."""
    with browser(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver
