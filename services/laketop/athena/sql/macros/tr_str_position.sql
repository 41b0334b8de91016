-- Where a text stands for the n-th time, from the end where n is negative; the occurrences may overlap.
CREATE TEMP MACRO tr_str_position(x, needle, n) AS
    CASE WHEN x IS NULL OR needle IS NULL OR n IS NULL THEN NULL
         WHEN needle = '' THEN CAST(1 AS BIGINT)
         ELSE coalesce(list_extract(list_filter(range(1, length(x) + 1), lambda i: substring(x, i, length(needle)) = needle), n), 0) END
