-- A sum that was made as double, as real: Java's cast goes to infinity, DuckDB's fails.
CREATE TEMP MACRO tr_agg_real(x) AS
    CASE WHEN isnan(x) OR abs(x) < CAST('3.4028235677973366e38' AS DOUBLE) THEN CAST(x AS FLOAT)
         ELSE CAST(CAST('Infinity' AS DOUBLE) * sign(x) AS FLOAT) END
