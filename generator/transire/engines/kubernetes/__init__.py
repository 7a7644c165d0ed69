"""Kubernetes NetworkPolicy, one engine: what every engine that enforces it has in common.

The types of NetworkPolicy themselves are in `k8s`, since other engines read them too.
"""
