-- +05:30 of minutes ahead of UTC.
CREATE TEMP MACRO tr_offset_text(minutes) AS
    CASE WHEN minutes < 0 THEN '-' ELSE '+' END || printf('%02d:%02d', abs(minutes) // 60, abs(minutes) % 60)
