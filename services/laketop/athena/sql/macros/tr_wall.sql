-- What clocks in a zone show at an instant; DuckDB's timezone() does not take offsets like +05:30. The casts: a bare NULL.
CREATE TEMP MACRO tr_wall(i, z) AS
    CASE WHEN z = 'UTC' THEN CAST(i AS TIMESTAMP)
         WHEN CAST(z AS VARCHAR)[1] IN ('+', '-') THEN CAST(i AS TIMESTAMP) + to_minutes(tr_zone_minutes(z))
         ELSE timezone(CASE WHEN CAST(z AS VARCHAR)[1] IN ('+', '-') THEN 'UTC' ELSE z END,
                       make_timestamptz(epoch_us(CAST(i AS TIMESTAMP)))) END
