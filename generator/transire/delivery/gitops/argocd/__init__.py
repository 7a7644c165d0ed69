"""Argo CD: projects, Applications, settings.

It may use what both tools share, and knows nothing of Flux.
"""
