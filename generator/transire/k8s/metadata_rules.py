"""What the API server requires of an object's `metadata`, and of names inside specs.

Source: Kubernetes' apimachinery validation; the first rule broken is the one reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from transire.k8s.typed_decoding import pointer
from transire.model.names import MAX_NAME, is_dns_label, is_label_key, is_label_value

MAX_ANNOTATIONS = 256 * 1024
"""Bytes of all annotation keys and values together."""

_PORT_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_MAX_PORT_NAME = 15


def is_subdomain(text: str) -> bool:
    """Whether `text` may name most objects: DNS labels joined by dots, 253 characters at most.

    Each label may here be longer than 63 characters, as in the API server.
    """
    return 0 < len(text) <= MAX_NAME and all(
        _PORT_NAME.fullmatch(part) is not None for part in text.split(".")
    )


def is_port_name(text: str) -> bool:
    """Whether `text` may name a container port (IANA service name, at least one letter)."""
    return (
        len(text) <= _MAX_PORT_NAME
        and _PORT_NAME.fullmatch(text) is not None
        and "--" not in text
        and any(each.isalpha() for each in text)
    )


def name_fault(meta: Mapping[str, Any], *, namespaced: bool) -> str:
    """What is wrong with the name and the namespace, or the empty string."""
    name, namespace = meta.get("name", ""), meta.get("namespace", "")
    if not is_subdomain(name):
        return f"/metadata/name {name[:60]!r} is not a DNS name in lower case"
    if namespaced and namespace and not is_dns_label(namespace):
        return f"/metadata/namespace {namespace[:60]!r} is not a DNS label in lower case"
    return ""


def metadata_fault(meta: Mapping[str, Any]) -> str:
    """What is wrong with the labels and annotations, or the empty string."""
    labels: Mapping[str, str] = meta.get("labels", {})
    for key, value in labels.items():
        fault = label_fault(key, value)
        if fault:
            return f"{pointer('metadata', 'labels', key)} {fault}"
    annotations: Mapping[str, str] = meta.get("annotations", {})
    for key in annotations:
        if not is_label_key(key.lower()):
            return f"{pointer('metadata', 'annotations', key)} is not a valid key"
    size = sum(len(key.encode()) + len(text.encode()) for key, text in annotations.items())
    if size > MAX_ANNOTATIONS:
        return f"/metadata/annotations hold {size} bytes, at most {MAX_ANNOTATIONS} are taken"
    return ""


def label_fault(key: str, value: str) -> str:
    """What is wrong with one label, or the empty string."""
    if not is_label_key(key):
        return "is not a valid label key"
    if not is_label_value(value):
        return f"is {value[:80]!r}, which is not a valid label value"
    return ""
