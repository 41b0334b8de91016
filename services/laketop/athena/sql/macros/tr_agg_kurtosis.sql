-- The kurtosis of doubles with this mean, corrected for the sample's size, from their distances to it.
CREATE TEMP MACRO tr_agg_kurtosis(numbers, mean) AS
    CAST(len(numbers) AS DOUBLE) * (len(numbers) + 1) * (len(numbers) - 1)
    / (CAST(len(numbers) - 2 AS DOUBLE) * (len(numbers) - 3))
    * list_sum(list_transform(numbers, lambda e: pow(e - mean, 4)))
    / pow(list_sum(list_transform(numbers, lambda e: pow(e - mean, 2))), 2)
    - 3 * pow(CAST(len(numbers) - 1 AS DOUBLE), 2) / (CAST(len(numbers) - 2 AS DOUBLE) * (len(numbers) - 3))
