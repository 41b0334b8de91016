-- A whole number with its last digits made zeros, rounded half away from zero; nothing is doubled, so nothing overflows.
CREATE TEMP MACRO tr_math_round_digits(x, dropped) AS
    CASE WHEN dropped <= 0 THEN x
         WHEN dropped > 38 THEN CAST(0 AS HUGEINT)
         ELSE (x // tr_math_power_of_ten(dropped)
               + CASE WHEN abs(x % tr_math_power_of_ten(dropped)) >= tr_math_power_of_ten(dropped) // 2
                      THEN CASE WHEN x < 0 THEN -1 ELSE 1 END ELSE 0 END) * tr_math_power_of_ten(dropped) END
