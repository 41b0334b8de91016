-- A double rounded to digits before or behind the point, as Java computes it: 1.005 to 2 digits is 1.0.
CREATE TEMP MACRO tr_math_round(x, digits) AS
    CASE WHEN digits IS NULL THEN NULL
         WHEN NOT isfinite(x) OR NOT isfinite(x * pow(CAST(10 AS DOUBLE), digits)) THEN x
         ELSE round(x * pow(CAST(10 AS DOUBLE), digits)) / pow(CAST(10 AS DOUBLE), digits) END
