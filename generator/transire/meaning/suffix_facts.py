"""What the public suffix list does not hold.

Entries of it below which strangers have no names, suffixes that it lacks, and services whose names
answer with any address; written down on `AS_OF`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

AS_OF = date(2026, 11, 30)

ONE_OWNER: Mapping[str, str] = MappingProxyType(
    {
        "apple": "Apple alone registers below its top-level domain",
        "aws": "Amazon alone registers below its top-level domain",
        "azure": "Microsoft alone registers below its top-level domain",
        "githubusercontent.com": "GitHub's own servers; users' content differs by path",
        "goog": "Google alone registers below its top-level domain",
        "google": "Google alone registers below its top-level domain",
        "googleapis.com": "Google's own APIs",
        "internal": "reserved for private use, in no registry (ICANN resolution 2024.07.29.06)",
        "microsoft": "Microsoft alone registers below its top-level domain",
        "withgoogle.com": "Google's own sites",
        "withyoutube.com": "Google's own sites",
    }
)
"""Public suffixes directly below which nobody but their owner has a name, and why.

They are listed so that sites below them do not share cookies.
"""

UNLISTED: Mapping[str, str] = MappingProxyType(
    {
        "azurecr.io": "container registries of Azure",
        "backblazeb2.com": "buckets of Backblaze",
        "database.windows.net": "databases of Azure",
        "dfs.core.windows.net": "storage accounts of Azure",
        "documents.azure.com": "databases of Azure",
        "firebaseio.com": "databases of Firebase",
        "queue.core.windows.net": "storage accounts of Azure",
        "r2.cloudflarestorage.com": "buckets of Cloudflare",
        "table.core.windows.net": "storage accounts of Azure",
        "vault.azure.net": "key vaults of Azure",
    }
)
"""Names below which customers choose names, though the public suffix list lacks them."""

ANY_ADDRESS = frozenset(
    {
        "1u.ms",
        "backname.io",
        "local-ip.co",
        "local-ip.sh",
        "nip.io",
        "plex.direct",
        "rbndr.us",
        "sslip.io",
        "traefik.me",
        "xip.io",
        "xip.name",
    }
)
"""Services that answer for a name with the address that is written in it."""
