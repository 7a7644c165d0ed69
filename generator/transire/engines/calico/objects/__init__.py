"""Calico's policy semantics, shared by the open-source and the enterprise engine."""
