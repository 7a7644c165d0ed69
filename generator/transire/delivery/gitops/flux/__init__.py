"""Flux: chart sources, HelmReleases.

It may use what both tools share, and imports nothing of Argo CD.
"""
