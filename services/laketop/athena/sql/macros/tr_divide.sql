-- Whole-number division rounded half away from zero.
CREATE TEMP MACRO tr_divide(n, d) AS
    CASE WHEN (n < 0) = (d < 0) THEN (abs(n) * 2 + abs(d)) // (abs(d) * 2)
         ELSE -((abs(n) * 2 + abs(d)) // (abs(d) * 2)) END
