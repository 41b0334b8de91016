-- A UUID from five parts of any length: each keeps its last digits, as Java's UUID.fromString does.
CREATE TEMP MACRO tr_uuid_parts(x) AS
    array_to_string(list_transform([8, 4, 4, 4, 12],
        lambda n, i: right(lpad(string_split(x, '-')[i], 36, '0'), n)), '-')
