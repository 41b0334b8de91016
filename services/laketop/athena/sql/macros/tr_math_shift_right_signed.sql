-- The sign comes in from the left.
CREATE TEMP MACRO tr_math_shift_right_signed(x, n, bits) AS
    CASE WHEN x IS NULL OR n IS NULL THEN NULL
         WHEN n >= bits THEN CASE WHEN x < 0 THEN CAST(-1 AS BIGINT) ELSE CAST(0 AS BIGINT) END
         ELSE x >> CAST(n & 63 AS BIGINT) END
