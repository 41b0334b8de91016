-- Text as a JSON string.
CREATE TEMP MACRO tr_json_quote(x) AS
    CASE WHEN regexp_matches(x, '[\x00-\x1f\x{10000}-\x{10FFFF}]') THEN py_json_quote(x)
         ELSE '"' || replace(replace(x, '\', '\\'), '"', '\"') || '"' END
