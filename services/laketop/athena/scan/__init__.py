"""From a table of the catalog to the files that hold its rows, and to a DuckDB relation over them."""
