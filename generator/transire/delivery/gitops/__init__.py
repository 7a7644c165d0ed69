"""The objects with which Argo CD and Flux publish charts, and the rights that they need.

What both tools share is here; each has a folder of its own that imports nothing of the other.
"""
