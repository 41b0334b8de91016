-- A whole number with its last digits made zeros.
CREATE TEMP MACRO tr_math_drop_digits(x, dropped) AS
    CASE WHEN dropped <= 0 THEN x
         WHEN dropped > 38 THEN CAST(0 AS HUGEINT)
         ELSE x - x % tr_math_power_of_ten(dropped) END
