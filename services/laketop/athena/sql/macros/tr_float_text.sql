-- Trino's text of a double or real from DuckDB's (both are the shortest digits that read back the same number):
-- '1234567.0' becomes '1.234567E6', '1e+16' becomes '1.0E16'.
CREATE TEMP MACRO tr_float_text(x) AS
    CASE WHEN x IS NULL THEN NULL
         WHEN x IN ('nan', '-nan') THEN 'NaN'
         WHEN x = 'inf' THEN 'Infinity'
         WHEN x = '-inf' THEN '-Infinity'
         WHEN x IN ('0.0', '0', '0.000000e+00') THEN '0E0'
         WHEN x IN ('-0.0', '-0', '-0.000000e+00') THEN '-0E0'
         ELSE tr_scientific(
             CASE WHEN x[1] = '-' THEN '-' ELSE '' END,
             regexp_extract(x, '^-?([0-9]+)', 1),
             regexp_extract(x, '\.([0-9]+)', 1),
             CAST(coalesce(nullif(regexp_extract(x, 'e([+-]?[0-9]+)', 1), ''), '0') AS INTEGER)) END
