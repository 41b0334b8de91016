-- CAST(json AS varchar): DuckDB's parser for strings, ours for numbers with a fraction and for errors.
CREATE TEMP MACRO tr_json_varchar(j, kind, shown) AS
    CASE WHEN j IS NULL OR j = 'null' THEN NULL
         WHEN regexp_full_match(j, '0|-?[1-9][0-9]*|true|false') THEN j
         WHEN starts_with(j, '"') AND json_valid(j) THEN json_extract_string(j, '$')
         ELSE py_json_text(j, kind, shown) END
