-- The number of the bucket of equal width, counted from the first bound; 0 and n + 1 are outside.
CREATE TEMP MACRO tr_math_width_bucket(x, a, b, n) AS
    CASE WHEN x IS NULL OR a IS NULL OR b IS NULL OR n IS NULL THEN NULL
         WHEN n <= 0 OR isnan(x) OR NOT isfinite(a) OR NOT isfinite(b) OR a = b
         THEN CAST(CAST('laketop!INVALID_FUNCTION_ARGUMENT!'
                   || CASE WHEN n <= 0 THEN 'bucketCount must be greater than 0'
                           WHEN isnan(x) THEN 'operand must not be NaN'
                           WHEN NOT isfinite(a) THEN 'first bound must be finite'
                           WHEN NOT isfinite(b) THEN 'second bound must be finite'
                           ELSE 'bounds cannot equal each other' END
                   || left(CAST(x AS VARCHAR), 0) || '!laketop' AS INTEGER) AS BIGINT)
         WHEN x >= greatest(a, b) AND n = 9223372036854775807
         THEN CAST(CAST('laketop!NUMERIC_VALUE_OUT_OF_RANGE!Bucket for value ' || CAST(x AS VARCHAR)
                   || ' is out of range!laketop' AS INTEGER) AS BIGINT)
         ELSE CASE WHEN a > b THEN n + 1 - tr_math_bucket(x, b, a, n) ELSE tr_math_bucket(x, a, b, n) END END
