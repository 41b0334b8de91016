-- How many customers may bring how much in the next twelve months, in the steps 1, 2, 5 of each power of ten.
WITH
    steps AS (
        SELECT ARRAY[10e0, 20e0, 50e0, 100e0, 200e0, 500e0, 1000e0, 2000e0, 5000e0, 10000e0, 20000e0, 50000e0] AS bounds
    ),
    placed AS (
        SELECT predicted_ltv_12_months, bounds, width_bucket(CAST(predicted_ltv_12_months AS double), bounds) AS place
        FROM customer_ltv
        CROSS JOIN steps
    )
SELECT
    IF(place > 0, element_at(bounds, place), 0e0) AS at_least,
    element_at(bounds, place + 1) AS below,
    count(*) AS customers,
    sum(predicted_ltv_12_months) AS predicted_ltv_12_months
FROM placed
GROUP BY 1, 2
ORDER BY at_least
