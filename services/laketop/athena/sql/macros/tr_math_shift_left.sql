-- Only the bits that stay are shifted: DuckDB's own shift fails where one falls out.
CREATE TEMP MACRO tr_math_shift_left(x, n, bits) AS
    CASE WHEN x IS NULL OR n IS NULL THEN NULL
         WHEN n >= bits OR (n & 63) >= bits THEN CAST(0 AS HUGEINT)
         ELSE tr_math_signed((x & (tr_math_power_of_two(bits - (n & 63)) - 1)) * tr_math_power_of_two(n & 63), bits) END
