"""JSON documents as Trino reads and writes them, in plain Python: what DuckDB's own JSON functions do not cover."""
