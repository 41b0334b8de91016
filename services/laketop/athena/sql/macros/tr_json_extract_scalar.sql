-- json_extract_scalar for a path that is also a JSON pointer. Numbers keep the spelling of the document, which DuckDB
-- forgets: with a fraction they are taken from it only where the document has no number that is spelled unusually.
CREATE TEMP MACRO tr_json_extract_scalar(x, pointer, path) AS
    list_extract(list_transform([CAST(TRY(json_extract(x, pointer)) AS VARCHAR)], lambda json_v:
        CASE WHEN x IS NULL THEN NULL
             WHEN json_v IS NULL THEN CASE WHEN json_valid(x) THEN NULL ELSE py_json_extract_scalar(x, path) END
             WHEN json_v = 'null' OR starts_with(json_v, '{') OR starts_with(json_v, '[') THEN NULL
             WHEN tr_json_odd(x) THEN py_json_extract_scalar(x, path)
             WHEN starts_with(json_v, '"') THEN
                 CASE WHEN contains(json_v, '\') THEN json_extract_string(json_v, '$')
                      ELSE substring(json_v, 2, length(json_v) - 2) END
             WHEN json_v IN ('true', 'false') THEN json_v
             WHEN json_v = '0' AND contains(x, '-0') THEN py_json_extract_scalar(x, path)
             WHEN regexp_full_match(json_v, '-?[0-9]+') THEN json_v
             WHEN regexp_full_match(json_v, '-?[0-9]+\.[0-9]+')
                  AND NOT regexp_matches(x, '\.[0-9]+0([^0-9]|$)|[0-9][eE]|[0-9.]{17}|-0([^.0-9]|$)') THEN json_v
             ELSE py_json_extract_scalar(x, path) END), 1)
