"""How charts reach clusters: the objects of Argo CD and Flux, and the registry.

It takes charts and the organisation as they are, and imports no verb. Which kinds an engine's
charts hold is looked up in the registry of engines.
"""
