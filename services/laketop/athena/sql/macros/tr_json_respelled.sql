-- Whether DuckDB spells something in this JSON text in another way than Java: exponents, numbers of eight digits before
-- the point or small ones, characters beyond U+FFFF and escapes.
CREATE TEMP MACRO tr_json_respelled(v) AS
    regexp_matches(v, '\\u|[\x{10000}-\x{10FFFF}]|(^|[\[:,])-?([0-9]+\.?[0-9]*[eE]|[0-9]{8,}\.|0\.000)')
