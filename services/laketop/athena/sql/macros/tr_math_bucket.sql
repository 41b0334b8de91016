-- The bucket between a lower and an upper bound.
CREATE TEMP MACRO tr_math_bucket(x, low, high, n) AS
    CASE WHEN x < low THEN 0
         WHEN x >= high THEN n + 1
         ELSE CAST(trunc(n * (x - low) / (high - low) + 1) AS BIGINT) END
