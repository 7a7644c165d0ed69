"""Debian's Chromium without a window, as tests want it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from support import needs

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

installed = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason=needs.BROWSER,
)

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
)


@contextmanager
def browser(folder: Path, *, scripts: bool = True, width: int = 1280) -> Iterator[Chrome]:
    """A browser with a profile of its own below `folder`; `scripts` may be off, as by a policy."""
    options = ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in (*_FLAGS, f"--user-data-dir={folder / 'profile'}", f"--window-size={width},1000"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if not scripts:
        setting = {"profile.managed_default_content_settings.javascript": 2}
        options.add_experimental_option("prefs", setting)
    driver = Chrome(options=options, service=Service(executable_path=DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


@contextmanager
def phone(driver: Chrome, width: int, height: int) -> Iterator[None]:
    """A small screen that is touched, for as long as this is open."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        yield
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def show(driver: Chrome, page: str, at: Path) -> None:
    """Write the page to `at` and open it; what was said before is forgotten."""
    at.write_text(page, encoding="utf-8")
    driver.get("about:blank")
    _log(driver, "browser")
    _log(driver, "performance")
    driver.get(at.as_uri())


def said(driver: Chrome) -> list[str]:
    """What the console says since the page was opened: errors, refusals, messages."""
    return [str(each["message"]) for each in _log(driver, "browser")]


def asked_for(driver: Chrome) -> list[str]:
    """The address of everything that the page asked for since it was opened."""
    events: list[Mapping[str, Any]] = [
        json.loads(each["message"])["message"] for each in _log(driver, "performance")
    ]
    return [
        str(each["params"]["request"]["url"])
        for each in events
        if each["method"] == "Network.requestWillBeSent"
    ]


def _log(driver: Chrome, kind: str) -> list[dict[str, str]]:
    entries: list[dict[str, str]] = driver.execute("getLog", {"type": kind})["value"]
    return entries
