-- A sum of decimals that has at most 38 digits; the error hangs on the sum, or it would be evaluated for every sum.
CREATE TEMP MACRO tr_bounded(x, most) AS
    CASE WHEN abs(x) > most
         THEN CAST('laketop!NUMERIC_VALUE_OUT_OF_RANGE!Decimal overflow' || left(CAST(x AS VARCHAR), 0) || '!laketop' AS INTEGER)
         ELSE x END
