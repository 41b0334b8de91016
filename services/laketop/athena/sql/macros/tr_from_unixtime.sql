-- Seconds since 1970 as a timestamp in UTC, rounded to milliseconds; what is no number is zero, what is too far away an error.
CREATE TEMP MACRO tr_from_unixtime(x) AS
    CASE WHEN x IS NULL THEN NULL
         WHEN isnan(x) THEN TIMESTAMP '1970-01-01'
         WHEN abs(x) > 2251799813685.0
         THEN CAST(CASE WHEN CAST('laketop!GENERIC_INTERNAL_ERROR!Millis overflow: ' || CAST(x AS VARCHAR) || '!laketop' AS INTEGER) IS NULL THEN NULL END AS TIMESTAMP)
         ELSE make_timestamp(CAST(floor(x * 1000 + 0.5) AS BIGINT) * 1000) END
