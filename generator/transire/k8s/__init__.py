"""Kubernetes objects: decoding, selectors, NetworkPolicy and ClusterNetworkPolicy."""
