-- The first entry that is not one key and one value, NULL if there is none.
CREATE TEMP MACRO tr_str_bad_entry(entries) AS
    list_extract(list_filter(entries, lambda e: len(e) <> 2), 1)
