-- At most so many parts: the last one is the whole rest.
CREATE TEMP MACRO tr_str_split(parts, delimiter, most) AS
    CASE WHEN parts IS NULL OR most IS NULL THEN NULL
         WHEN len(parts) <= most THEN parts
         ELSE list_append(list_slice(parts, 1, most - 1), tr_str_joined(list_slice(parts, most, len(parts)), delimiter)) END
