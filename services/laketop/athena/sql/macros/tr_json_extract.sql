-- json_extract for a path that is also a JSON pointer: DuckDB's parser where its answer is Trino's for sure, else ours.
CREATE TEMP MACRO tr_json_extract(x, pointer, path) AS
    list_extract(list_transform([CAST(TRY(json_extract(x, pointer)) AS VARCHAR)], lambda json_v:
        CASE WHEN x IS NULL THEN NULL
             WHEN json_v IS NULL THEN CASE WHEN json_valid(x) THEN NULL ELSE py_json_extract(x, path) END
             WHEN tr_json_odd(x) OR tr_json_respelled(json_v) THEN py_json_extract(x, path)
             ELSE json_v END), 1)
