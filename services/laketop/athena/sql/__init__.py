"""Trino SQL to DuckDB SQL: a query means what it means on Athena, or it is refused."""
