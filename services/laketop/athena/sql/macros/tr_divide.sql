-- Whole-number division rounded half away from zero; by the remainder, so that nothing is doubled.
CREATE TEMP MACRO tr_divide(n, d) AS
    (CASE WHEN (n < 0) = (d < 0) THEN 1 ELSE -1 END)
    * (abs(n) // abs(d) + CASE WHEN abs(n) % abs(d) >= abs(d) - abs(n) % abs(d) THEN 1 ELSE 0 END)
