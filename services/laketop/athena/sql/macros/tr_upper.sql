-- Java's capital of ß is ß, DuckDB's is ẞ. Letters that Unicode 14 added are refused, as in tr_lower.
CREATE TEMP MACRO tr_upper(x) AS
    CASE WHEN regexp_matches(x, '[\x{2C5F}\x{A7C1}\x{A7D1}\x{A7D7}\x{A7D9}\x{10597}-\x{105BC}]')
         THEN CAST(CAST('laketop!NOT_SUPPORTED!The upper case of letters that Unicode 14 added is not supported by Laketop' || left(x, 0) || '!laketop' AS INTEGER) AS VARCHAR)
         WHEN contains(x, 'ß') THEN array_to_string(list_transform(string_split(x, 'ß'), lambda part: upper(part)), 'ß')
         ELSE upper(x) END
