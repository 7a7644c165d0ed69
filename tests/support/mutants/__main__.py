"""The program that `make mutants` runs."""

import sys

from support.mutants.run import main

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
