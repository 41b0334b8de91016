-- With the shift that the zone has at another instant, if that is its shift then; else as Joda takes it.
CREATE TEMP MACRO tr_instant_near(w, z, other) AS
    list_extract(list_transform([tr_zone_shift(other, z)], lambda near:
        CASE WHEN tr_zone_shift(w - to_microseconds(near), z) = near THEN w - to_microseconds(near)
             ELSE tr_instant(w, z) END), 1)
