"""Mutants of the charts: one change at a time, each of which something must notice.

A mutant is one file of a chart with one change: a line less, a condition negated, another port, a
wider pattern. `places.py` finds what a template is made of, `changes.py` changes it, `data.py` does
the same for values, schemas and descriptions. `fates.py` decides what notices a mutant, in this
order:

1. reading the chart, as `check` does before it renders;
2. Helm, which refuses to render it for a target;
3. `check`: the proof and what is held besides it, on every example target that the file can touch;
4. the suites of the charts, in `charts/*/tests`;
5. `check` once more, on targets that are drawn.

What nothing notices must be shown to be equivalent: it renders the same objects for all of these
targets, or other objects that allow the same flows on all of them. Whatever is neither has
survived, and is a hole in the proof or in the suites.

`make mutants` runs all of them, and names each survivor with its file, its line and the change.
"""
