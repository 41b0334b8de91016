-- Letters that Unicode 14 added: Java 17 leaves their case alone, DuckDB changes it, and which Java Athena runs is not documented.
CREATE TEMP MACRO tr_lower(x) AS
    CASE WHEN regexp_matches(x, '[\x{2C2F}\x{A7C0}\x{A7D0}\x{A7D6}\x{A7D8}\x{10570}-\x{10595}]')
         THEN CAST(CAST('laketop!NOT_SUPPORTED!The lower case of letters that Unicode 14 added is not supported by Laketop' || left(x, 0) || '!laketop' AS INTEGER) AS VARCHAR)
         ELSE lower(x) END
