-- By code points: DuckDB's reverse() keeps a letter and its accent together.
CREATE TEMP MACRO tr_reverse(x) AS
    CASE WHEN x IS NULL THEN NULL
         ELSE coalesce(array_to_string(list_transform(list_reverse(range(1, length(x) + 1)), lambda i: substring(x, i, 1)), ''), '') END
