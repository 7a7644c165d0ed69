"""`needs`: the hosts that workloads declare, against the allowlist."""

from __future__ import annotations

from collections.abc import Iterable

from transire.commands.arguments import StrPath, files_at, folder_at
from transire.commands.given_files import read_given
from transire.commands.named_targets import targets_named
from transire.review.usage.declared import declarations
from transire.review.usage.needs import Needs, needs_of
from transire.values.load import load


def needs(
    root: StrPath,
    files: StrPath | Iterable[StrPath],
    *,
    cluster: str = "",
    namespace: str = "",
) -> Needs:
    """Hold every host that workloads declare against the targets of their namespaces.

    Args:
        root: the policy repository.
        files: manifests of workloads and their ConfigMaps, folders, and `-` for standard input.
        cluster: the cluster whose targets count; without one, those of all.
        namespace: where objects go that name no namespace.

    Raises:
        Rejected: if the values hold mistakes, or a document is no object.
        UsageError: if a file or the cluster does not exist.
    """
    organisation = load(folder_at(root), None)
    targets = targets_named(organisation, (), cluster)
    given = read_given(files_at(files), namespace)
    return needs_of(declarations(given.rendered(), namespace), targets)
