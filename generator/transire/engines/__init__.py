"""What each network policy engine is: how intent becomes its objects, and what objects mean to it.

Rooms above reach an engine through `registry` and the `Engine` value of `api` alone. A folder holds
everything that is known of one family of engines; no engine knows another.
"""
