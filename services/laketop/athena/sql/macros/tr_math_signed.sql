-- The number that so many bits are in two's complement.
CREATE TEMP MACRO tr_math_signed(x, bits) AS
    CASE WHEN x >= tr_math_power_of_two(bits - 1) THEN x - tr_math_power_of_two(bits) ELSE x END
