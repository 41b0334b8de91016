"""`python -m laketop.glue`: the glue server of the lake that the environment describes."""

from laketop import settings
from laketop.glue.server import create
from laketop.wire.serve import serve

if __name__ == "__main__":
    lake = settings.load()
    serve(create(lake), lake.ports["glue"])
