-- The same as Joda takes it: of a time that comes twice the first in zones west of Greenwich, the second in others.
CREATE TEMP MACRO tr_instant(w, z) AS
    list_extract(list_transform([tr_zone_shift(w, z)], lambda joda:
        CASE WHEN joda < 0 AND tr_zone_shift(w - to_microseconds(joda), z) = joda THEN w - to_microseconds(joda)
             ELSE tr_instant_plain(w, z) END), 1)
