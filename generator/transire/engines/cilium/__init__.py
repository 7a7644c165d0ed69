"""Cilium, one engine.

`facts` is what it is, as data, `lower` what we write for it, `objects` what its API server and
agent accept, `verdicts` judges one flow, `sets` all of them, `reading` is both behind one face.
"""
