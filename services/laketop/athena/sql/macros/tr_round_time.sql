-- A time of day rounded half up to a multiple of so many microseconds; midnight comes after the last.
CREATE TEMP MACRO tr_round_time(x, step) AS
    TIME '00:00:00' + to_microseconds((epoch_us(x) + step // 2) // step * step)
