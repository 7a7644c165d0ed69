"""Calico and Calico Enterprise: one family of engines, two `Engine` values.

`facts` is what they are, as data, `lower` what we write for them, `objects` what API servers and
Felix accept, `verdicts` judges one flow, `sets` all of them, `reading` is both behind one face.
"""
