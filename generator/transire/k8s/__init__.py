"""Kubernetes objects: as read, as an API server decodes them, selectors, network policies of its own.

NetworkPolicy and `policy.networking.k8s.io` are here, because several engines read them. It knows
no engine.
"""
