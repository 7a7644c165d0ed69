"""Envoy as an egress proxy: a forward proxy with a listener for each class of pods."""
