"""Trino's page "Color functions"."""

PAGE = "Color functions"

# Functions of this page that Athena has and this server has not: name → why.
REFUSED: dict[str, str] = {
    "bar": "colours for a terminal",
    "color": "colours for a terminal",
    "render": "colours for a terminal",
    "rgb": "colours for a terminal",
}
