-- The digits of a decimal as a whole number: 1.23 of scale 2 is 123. In two parts, so that nothing overflows on the way.
CREATE TEMP MACRO tr_unscaled(x, scale) AS
    CAST(trunc(x) AS HUGEINT) * CAST(rpad('1', scale + 1, '0') AS HUGEINT)
    + CAST((x - trunc(x)) * CAST(rpad('1', scale + 1, '0') AS HUGEINT) AS HUGEINT)
