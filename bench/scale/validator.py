"""`python validator.py FOLDER < OBJECTS`: each object by the schema of its kind, as a CI job would.

FOLDER holds `GROUP/KIND_VERSION.json`; a kind without one passes.
"""

# ruff: noqa: T201 - a script, which prints

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml
from jsonschema_rs import validator_for


def main() -> int:
    """0 where all are valid."""
    folder, code = Path(sys.argv[1]), 0
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C where it is built
    for each in yaml.load_all(sys.stdin, loader):
        if not each:
            continue
        group, _, version = each["apiVersion"].rpartition("/")
        path = folder / group / f"{each['kind'].lower()}_{version}.json"
        if path.exists():
            schema = validator_for(json.loads(path.read_text(encoding="utf-8")))
            for error in schema.iter_errors(each):
                print(f"{each['kind']} {each['metadata']['name']}: {error.message}")
                code = 1
    return code


sys.exit(main())
