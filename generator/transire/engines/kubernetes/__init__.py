"""Kubernetes NetworkPolicy: what it can say and what its objects mean."""
