-- The same for a <= b: the months of the calendar, less one if the last is not complete.
CREATE TEMP MACRO tr_months_up(a, b) AS
    (year(b) - year(a)) * 12 + month(b) - month(a)
    - CASE WHEN a + to_months(CAST((year(b) - year(a)) * 12 + month(b) - month(a) AS INTEGER)) > b THEN 1 ELSE 0 END
