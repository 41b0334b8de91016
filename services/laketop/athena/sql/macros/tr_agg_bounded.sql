-- A sum of decimals that has at most 38 digits; the error hangs on the sum, or it would be evaluated for every sum.
CREATE TEMP MACRO tr_agg_bounded(x, most) AS
    CASE WHEN abs(x) > most
         THEN CAST('laketop!GENERIC_INTERNAL_ERROR!Decimal overflow' || left(CAST(x AS VARCHAR), 0) || '!laketop' AS INTEGER)
         ELSE x END
