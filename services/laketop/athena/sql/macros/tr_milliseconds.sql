-- Microseconds to milliseconds, rounded half up, below zero too.
CREATE TEMP MACRO tr_milliseconds(us) AS
    (us + 500 - (((us + 500) % 1000) + 1000) % 1000) // 1000
