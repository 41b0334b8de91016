-- 2 to the n as a whole number, n from 0 to 64; more are as many as 64, so that nothing overflows.
CREATE TEMP MACRO tr_math_power_of_two(n) AS
    (CAST(1 AS HUGEINT) << CAST(least(greatest(n, 0), 64) AS INTEGER))
