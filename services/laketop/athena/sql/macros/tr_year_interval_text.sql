-- 1-2
CREATE TEMP MACRO tr_year_interval_text(months) AS
    CASE WHEN months < 0 THEN '-' ELSE '' END || printf('%d-%d', abs(months) // 12, abs(months) % 12)
