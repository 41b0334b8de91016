-- Milliseconds that fit into 64 bits; Trino lets them run over.
CREATE TEMP MACRO tr_day_interval(ms) AS
    CASE WHEN abs(ms) > 9223372036854775807
         THEN CAST('laketop!NOT_SUPPORTED!An interval of ' || CAST(ms AS VARCHAR) || ' milliseconds is not supported by Laketop!laketop' AS BIGINT)
         ELSE CAST(ms AS BIGINT) END
