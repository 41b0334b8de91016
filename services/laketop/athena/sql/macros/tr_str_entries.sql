-- The entries of a text as lists of key and value; a delimiter at the end begins no other entry.
CREATE TEMP MACRO tr_str_entries(x, delimiter, pair) AS
    list_transform(list_filter(string_split(x, delimiter), lambda e, i: e <> '' OR i < len(string_split(x, delimiter))), lambda e: string_split(e, pair))
