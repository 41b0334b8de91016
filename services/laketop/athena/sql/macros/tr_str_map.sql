-- A map of entries, each of which must be a key and a value; no key twice.
CREATE TEMP MACRO tr_str_map(entries) AS
    CASE WHEN tr_str_bad_entry(entries) IS NOT NULL
         THEN CAST(CASE WHEN CAST('laketop!INVALID_FUNCTION_ARGUMENT!Key-value delimiter must appear exactly once in each entry. Bad input: ' || array_to_string(tr_str_bad_entry(entries), '') || '!laketop' AS INTEGER) IS NULL THEN NULL END AS MAP(VARCHAR, VARCHAR))
         WHEN len(list_distinct(list_transform(entries, lambda e: e[1]))) < len(entries)
         THEN CAST(CASE WHEN CAST('laketop!INVALID_FUNCTION_ARGUMENT!Duplicate keys are not allowed' || left(CAST(len(entries) AS VARCHAR), 0) || '!laketop' AS INTEGER) IS NULL THEN NULL END AS MAP(VARCHAR, VARCHAR))
         ELSE map_from_entries(list_transform(entries, lambda e: {'k': e[1], 'v': e[2]})) END
