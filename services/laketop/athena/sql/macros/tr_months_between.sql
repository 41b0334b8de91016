-- Whole months from one date or timestamp to another, as Joda counts: the 31st of January to the 29th of February is one.
CREATE TEMP MACRO tr_months_between(a, b) AS
    CASE WHEN a <= b THEN tr_months_up(a, b) ELSE -tr_months_up(b, a) END
