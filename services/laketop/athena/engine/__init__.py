"""Running translated queries: worker processes, a DuckDB instance a query."""
