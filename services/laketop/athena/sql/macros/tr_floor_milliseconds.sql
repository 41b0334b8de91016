-- Whole milliseconds of microseconds, before 1970 too.
CREATE TEMP MACRO tr_floor_milliseconds(us) AS
    (us - ((us % 1000) + 1000) % 1000) // 1000
