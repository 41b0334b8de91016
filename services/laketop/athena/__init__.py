"""The Athena API: queries in Trino's SQL, run by DuckDB over the tables of the Glue catalog."""
