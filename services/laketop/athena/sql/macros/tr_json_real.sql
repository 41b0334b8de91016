-- A real as JSON text, as tr_json_double.
CREATE TEMP MACRO tr_json_real(x) AS
    CASE WHEN x IS NULL THEN NULL
         WHEN isnan(x) THEN '"NaN"'
         WHEN isinf(x) THEN CASE WHEN x > 0 THEN '"Infinity"' ELSE '"-Infinity"' END
         WHEN x = 0 OR (abs(x) >= CAST('0.001' AS FLOAT) AND abs(x) < 10000000) THEN CAST(x AS VARCHAR)
         WHEN abs(x) = CAST('1.4e-45' AS FLOAT) THEN CASE WHEN x < 0 THEN '-' ELSE '' END || '1.4E-45'
         ELSE tr_float_text(CAST(x AS VARCHAR)) END
