"""The files of the page, from their bucket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakehouse import s3_helper

from .messages import ApiError, Response

# All that is ever delivered: whatever else lies in the bucket has no name here.
FILES: Mapping[str, str] = {
    "index.html": "text/html; charset=utf-8",
    "styles.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
}


@dataclass(frozen=True)
class Page:
    """The page in its bucket.

    Attributes:
        s3: an S3 client.
        bucket: where the files lie, under their names.
    """

    s3: Any
    bucket: str

    def file(self, name: str) -> Response:
        """A file of the page; a browser asks each time whether it is still the same, so that all three fit together.

        Raises:
            ApiError: 404; the page has no such file.
        """
        if name not in FILES:
            raise ApiError(404, "NotFound", f"the page has no such file; it has {', '.join(FILES)}")
        body = s3_helper.read_bytes(self.s3, f"s3://{self.bucket}/{name}").decode()
        return Response(200, body, FILES[name], {"Cache-Control": "no-cache"})
