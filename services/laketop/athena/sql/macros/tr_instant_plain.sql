-- The instant of a time on the clock: of a time that comes twice the second, a time that is left out moved forward.
CREATE TEMP MACRO tr_instant_plain(w, z) AS
    CASE WHEN z = 'UTC' THEN w
         WHEN z[1] IN ('+', '-') THEN w - to_minutes(tr_zone_minutes(z))
         ELSE make_timestamp(epoch_us(timezone(CASE WHEN z[1] IN ('+', '-') THEN 'UTC' ELSE z END, w))) END
