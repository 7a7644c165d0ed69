"""What every engine declares: releases, capabilities, kinds, reading, scope, health, views.

The types are here and nothing of any one engine, so that all engines and the rooms above can share
them.
"""
