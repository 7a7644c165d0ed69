"""HelmReleases and chart sources of Flux."""
