-- The skewness of doubles with this mean, from their distances to it: DuckDB's own, from sums of powers, loses all digits.
CREATE TEMP MACRO tr_agg_skewness(numbers, mean) AS
    sqrt(len(numbers)) * list_sum(list_transform(numbers, lambda e: pow(e - mean, 3)))
    / pow(list_sum(list_transform(numbers, lambda e: pow(e - mean, 2))), 1.5)
