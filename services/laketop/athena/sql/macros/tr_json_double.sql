-- A double as JSON text: plain from 0.001 to 10 million, else with an exponent; what is no number becomes a string.
CREATE TEMP MACRO tr_json_double(x) AS
    CASE WHEN x IS NULL THEN NULL
         WHEN isnan(x) THEN '"NaN"'
         WHEN isinf(x) THEN CASE WHEN x > 0 THEN '"Infinity"' ELSE '"-Infinity"' END
         WHEN x = 0 OR (abs(x) >= CAST('0.001' AS DOUBLE) AND abs(x) < 10000000) THEN CAST(x AS VARCHAR)
         WHEN abs(x) = CAST('4.9e-324' AS DOUBLE) THEN CASE WHEN x < 0 THEN '-' ELSE '' END || '4.9E-324'
         ELSE tr_float_text(CAST(x AS VARCHAR)) END
