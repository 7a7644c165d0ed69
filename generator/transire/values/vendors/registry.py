"""The vendors whose files are read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from transire.values.vendors import aws, azure, cloudflare, gcp, github, microsoft365
from transire.values.vendors.published import Vendor

VENDORS: Mapping[str, Vendor] = MappingProxyType(
    {
        module.VENDOR.name: module.VENDOR
        for module in (aws, azure, cloudflare, gcp, github, microsoft365)
    }
)
"""Every vendor, by the word that the command line takes."""
