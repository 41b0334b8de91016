-- json_array_length; NULL for anything but an array.
CREATE TEMP MACRO tr_json_array_length(x) AS
    CASE WHEN x IS NULL THEN NULL
         WHEN NOT json_valid(x) OR tr_json_odd(x) THEN py_json_array_length(x)
         WHEN json_type(x) = 'ARRAY' THEN CAST(json_array_length(x) AS BIGINT) END
