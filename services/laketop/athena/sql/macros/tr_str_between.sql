-- Replacing the empty text: the new text stands before, between and behind the characters.
CREATE TEMP MACRO tr_str_between(x, new) AS
    CASE WHEN x = '' THEN new ELSE new || array_to_string(list_transform(string_split(x, ''), lambda c: c || new), '') END
