-- Where a text stands for the n-th time; the occurrences may overlap. From the end, where n is negative, Trino counts in
-- UTF-16 units: a character beyond U+FFFF before it counts twice.
CREATE TEMP MACRO tr_str_position(x, needle, n) AS
    CASE WHEN x IS NULL OR needle IS NULL OR n IS NULL THEN NULL
         WHEN needle = '' THEN CAST(1 AS BIGINT)
         ELSE list_extract(
             list_transform(
                 [coalesce(list_extract(list_filter(range(1, length(x) + 1), lambda i: substring(x, i, length(needle)) = needle), n), 0)],
                 lambda p: CASE WHEN n > 0 OR p = 0 THEN p
                                ELSE p + length(regexp_replace(substring(x, 1, p - 1), '[^\x{10000}-\x{10FFFF}]', '', 'g')) END),
             1) END
