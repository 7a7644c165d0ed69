"""Registries, GitOps objects and charts to publish."""
