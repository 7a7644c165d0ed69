"""How charts reach clusters: objects of Argo CD and Flux, and the registry."""
