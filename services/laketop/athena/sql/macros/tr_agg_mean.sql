-- A sum divided by a count, rounded half away from zero; NULL for none. No step of it is larger than the sum.
CREATE TEMP MACRO tr_agg_mean(total, number) AS
    CASE WHEN number > 0
         THEN sign(total) * (abs(total) // number
                             + CASE WHEN abs(total) % number >= number - abs(total) % number THEN 1 ELSE 0 END) END
