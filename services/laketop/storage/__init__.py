"""Where the bytes of S3 objects are.

Standard library only: every environment of the lake uses it.
"""

from laketop.storage.location import locate

__all__ = ["locate"]
