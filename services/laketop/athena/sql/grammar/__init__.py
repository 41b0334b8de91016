"""Trino's grammar of queries: whether a text is one, and where it stops being one."""
