-- Java's capital of ß is ß, DuckDB's is ẞ.
CREATE TEMP MACRO tr_upper(x) AS
    CASE WHEN contains(x, 'ß') THEN array_to_string(list_transform(string_split(x, 'ß'), lambda part: upper(part)), 'ß')
         ELSE upper(x) END
