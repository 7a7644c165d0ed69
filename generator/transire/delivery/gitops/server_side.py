"""Whether the API server of a cluster can apply policies itself."""

from __future__ import annotations

from transire.model.engine import EngineName, Release


def applied_by_server(release: Release) -> bool:
    """Whether policies are applied by the server, which refuses fields it does not know.

    A client-side apply lets unknown fields pass, and what is left of a rule often opens more
    (argoproj/argo-cd#16817). Calico 3.32.0 is the exception: its API server answers NotFound to
    every server-side create (projectcalico/calico#12906, mended in 3.32.1), so a cluster that may
    run it gets client-side applies.
    """
    version = release.version
    if release.engine is not EngineName.CALICO or version is None:
        return True
    return version.line != (3, 32) or bool(version.patch)
