-- 1 02:03:04.500
CREATE TEMP MACRO tr_day_interval_text(ms) AS
    CASE WHEN ms < 0 THEN '-' ELSE '' END
    || printf('%d %02d:%02d:%02d.%03d', abs(ms) // 86400000, abs(ms) // 3600000 % 24, abs(ms) // 60000 % 60,
              abs(ms) // 1000 % 60, abs(ms) % 1000)
