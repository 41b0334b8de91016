-- Whether DuckDB may have read this text as JSON although Trino would not: it takes NaN, Infinity and trailing commas.
CREATE TEMP MACRO tr_json_odd(x) AS
    contains(lower(x), 'nan') OR contains(lower(x), 'inf') OR regexp_matches(x, ',\s*[\]}]')
