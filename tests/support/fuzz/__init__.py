"""Fuzzing, guided by coverage, of everything that reads what somebody else wrote.

`make fuzz` runs every target for its share of ten minutes, and `make fuzz-planted` puts a defect
into the program for each, which it has to find. A target is a function of bytes that goes through
public functions alone: it raises where the program ends otherwise than with an error of its own,
and where two ways to one result differ. Inputs that are kept are in `tests/cases/fuzz`, where
`planted` has one for each defect.
"""
