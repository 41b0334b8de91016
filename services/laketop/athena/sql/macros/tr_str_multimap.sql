-- A map of entries, each of which must be a key and a value; a key has all of its values in order.
CREATE TEMP MACRO tr_str_multimap(entries) AS
    CASE WHEN tr_str_bad_entry(entries) IS NOT NULL
         THEN CAST(CASE WHEN CAST('laketop!INVALID_FUNCTION_ARGUMENT!Key-value delimiter must appear exactly once in each entry. Bad input: ' || array_to_string(tr_str_bad_entry(entries), '') || '!laketop' AS INTEGER) IS NULL THEN NULL END AS MAP(VARCHAR, VARCHAR[]))
         ELSE map_from_entries(list_transform(
             list_filter(list_transform(entries, lambda e: e[1]), lambda k, i: list_position(list_transform(entries, lambda e: e[1]), k) = i),
             lambda k: {'k': k, 'v': list_transform(list_filter(entries, lambda e: e[1] = k), lambda e: e[2])})) END
