-- 10 to the n as a whole number, n up to 38.
CREATE TEMP MACRO tr_math_power_of_ten(n) AS
    CAST(rpad('1', CAST(n AS INTEGER) + 1, '0') AS HUGEINT)
