"""Glue job: transactions from the raw to the processed zone, typed, deduplicated and partitioned by their contract.

Arguments: those of `lakehouse.etl.run.ARGUMENTS`, with `--datasets transactions`.
"""

import sys

from lakehouse.etl import run

if __name__ == "__main__":
    run.main(sys.argv)
