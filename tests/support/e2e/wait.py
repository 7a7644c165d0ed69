"""Waiting for controllers: bounded by tries, so that a busy machine is only slower."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from support.e2e.client import Client, Ref

TRIES = 1200
_BETWEEN = 0.1


def until(holds: Callable[[], bool], what: str) -> None:
    """Try until something holds; the test fails with `what` where it never does."""
    for _ in range(TRIES):
        if holds():
            return
        time.sleep(_BETWEEN)
    pytest.fail(what)


def gone(client: Client, ref: Ref) -> None:
    """Wait until an object is not there any more."""
    until(lambda: client.get(ref).code == 404, f"{ref.path} is still there")
