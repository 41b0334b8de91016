-- The ones of a number in two's complement of so many bits.
CREATE TEMP MACRO tr_math_bit_count(x, bits) AS
    CASE WHEN x IS NULL OR bits IS NULL THEN NULL
         WHEN bits NOT BETWEEN 2 AND 64
         THEN CAST(CAST('laketop!INVALID_FUNCTION_ARGUMENT!Bits specified in bit_count must be between 2 and 64, got '
                   || CAST(bits AS VARCHAR) || '!laketop' AS INTEGER) AS BIGINT)
         WHEN bits < 64 AND (x >= tr_math_power_of_two(bits - 1) OR x < -tr_math_power_of_two(bits - 1))
         THEN CAST(CAST('laketop!INVALID_FUNCTION_ARGUMENT!Number must be representable with the bits specified. '
                   || CAST(x AS VARCHAR) || ' cannot be represented with ' || CAST(bits AS VARCHAR) || ' bits!laketop' AS INTEGER) AS BIGINT)
         ELSE CAST(bit_count(CAST(CASE WHEN x < 0 THEN x + tr_math_power_of_two(bits) ELSE x END AS UBIGINT)) AS BIGINT) END
