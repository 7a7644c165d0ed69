"""Flux: chart sources, HelmReleases.

It may use what both tools share, and knows nothing of Argo CD.
"""
