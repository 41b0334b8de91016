"""`python -m laketop.athena`: the athena server of the lake that the environment describes."""

import sys

from laketop import settings
from laketop.athena.server import create
from laketop.wire.serve import serve

# A condition of a thousand terms is a tree as deep; what is deeper still is a STACK_OVERFLOW, as on Athena.
RECURSION_LIMIT = 6000

if __name__ == "__main__":
    sys.setrecursionlimit(RECURSION_LIMIT)
    lake = settings.load()
    serve(create(lake), lake.ports["athena"])
