"""Laketop: a whole AWS lakehouse on a laptop."""
