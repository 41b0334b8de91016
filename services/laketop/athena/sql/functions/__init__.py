"""Trino's functions: a table a page of its function reference; what is in no table does not exist."""
