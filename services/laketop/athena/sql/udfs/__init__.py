"""Functions that DuckDB has no means to compute: Python over Arrow batches, a module a family.

They are the last resort: a macro or a DuckDB function is many times as fast. Only those that a query names are defined
in its instance.
"""
