"""Kubernetes objects: as read, as an API server decodes them, selectors, its own network policies.

NetworkPolicy and `policy.networking.k8s.io` are here, because several engines read them. It knows
no engine.
"""
