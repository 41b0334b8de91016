-- Of a time that comes twice the first: with the shift of three hours before, where the zone has that shift then.
CREATE TEMP MACRO tr_instant_first(w, z) AS
    list_extract(list_transform([tr_instant_plain(w, z)], lambda later:
        list_extract(list_transform([tr_zone_shift(later - to_hours(3), z)], lambda before:
            CASE WHEN tr_zone_shift(w - to_microseconds(before), z) = before THEN w - to_microseconds(before)
                 ELSE later END), 1)), 1)
