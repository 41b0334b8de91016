-- A key that sorts names as Java does, by UTF-16 units: characters from U+E000 to U+FFFF after those beyond U+FFFF.
CREATE TEMP MACRO tr_json_name_order(x) AS
    regexp_replace(x, '([\x{E000}-\x{FFFF}])', chr(1114111) || '\1', 'g')
