-- Zeros come in from the left. Of a negative number of less than 64 bits Trino makes a number that its type does not have
-- where the places are a multiple of 64 other than 0: such an answer depends on where the value is put.
CREATE TEMP MACRO tr_math_shift_right(x, n, bits) AS
    CASE WHEN x IS NULL OR n IS NULL THEN NULL
         WHEN n >= bits THEN CAST(0 AS HUGEINT)
         WHEN n = 0 THEN CAST(x AS HUGEINT)
         WHEN n & 63 = 0 AND x < 0 AND bits < 64
         THEN CAST(CAST('laketop!NOT_SUPPORTED!A shift of a negative number by a multiple of -64 is not supported by Laketop'
                   || left(CAST(x AS VARCHAR), 0) || '!laketop' AS INTEGER) AS HUGEINT)
         ELSE tr_math_signed((x & (tr_math_power_of_two(bits) - 1)) // tr_math_power_of_two(n & 63), bits) END
