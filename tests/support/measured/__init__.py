"""Work counted in steps, of the interpreter or of a matcher, where a clock would tell of the load.

It knows no module of the program.
"""
