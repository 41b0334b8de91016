-- A timestamp rounded half up to a multiple of so many microseconds, before 1970 too.
CREATE TEMP MACRO tr_round_timestamp(ts, step) AS
    make_timestamp(epoch_us(ts) + step // 2 - (((epoch_us(ts) + step // 2) % step + step) % step))
