-- Microseconds that a zone is ahead of UTC at an instant.
CREATE TEMP MACRO tr_zone_shift(i, z) AS
    list_extract(list_transform([CAST(i AS TIMESTAMP)], lambda shifted: epoch_us(tr_wall(shifted, z)) - epoch_us(shifted)), 1)
