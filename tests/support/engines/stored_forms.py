"""What a real API server stored of small manifests, or why it refused them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.engines.case_files import documents
from support.shared_data import shared
from transire.k8s.manifests import Manifest

StoredForm = dict[str, Any]
"""A recorded case: the manifest, and what came of creating it."""


def folder() -> Path | None:
    """Where the recorded files are; None where this machine does not have them."""
    return shared("cases/apiserver/stored-forms")


def stored_forms(name: str) -> list[StoredForm]:
    """The cases of a file; none where it is not on this machine."""
    found = folder()
    if found is None:
        return []
    cases: list[StoredForm] = json.loads((found / f"{name}.json").read_text("utf-8"))["cases"]
    return cases


def given(case: StoredForm) -> Manifest:
    """The object as a client hands it in."""
    [body] = documents(case["manifest"])
    return Manifest(source=case["id"], index=0, body=body)


def stored(case: StoredForm) -> Manifest:
    """The object as it was stored."""
    return Manifest(source=case["id"], index=0, body=case["create"]["stored"])
