-- Each customer's worth: cohort, RFM scores, and what the next twelve months may bring.
-- Cohort: the month of the first order. Recency counts from the latest order of anybody, so that a replayed past gives the
-- same answer. R, F and M are quintiles among customers with an order, 5 the best. Predicted value =
-- average order value * orders a month * 12 * 0.5 ^ (days since the last order / 180): every half year of silence halves it;
-- orders a month are counted over the months between first and last order, at least one.
WITH
    today AS (
        SELECT max(last_order_date) AS day FROM customer_360 WHERE is_current
    ),
    buyers AS (
        SELECT
            c.customer_id,
            c.country,
            c.segment,
            c.first_order_date,
            c.last_order_date,
            c.orders,
            c.revenue,
            c.average_order_value,
            date_diff('day', c.last_order_date, t.day) AS recency_days,
            greatest(date_diff('month', c.first_order_date, c.last_order_date) + 1, 1) AS active_months
        FROM customer_360 AS c
        CROSS JOIN today AS t
        WHERE c.is_current AND c.orders > 0
    )
SELECT
    customer_id,
    country,
    segment,
    date_format(first_order_date, '%Y-%m') AS cohort,
    first_order_date,
    last_order_date,
    orders,
    revenue,
    average_order_value,
    recency_days,
    6 - ntile(5) OVER (ORDER BY recency_days, customer_id) AS r_score,
    ntile(5) OVER (ORDER BY orders, customer_id) AS f_score,
    ntile(5) OVER (ORDER BY revenue, customer_id) AS m_score,
    CAST(
        round(
            CAST(average_order_value AS double)
            * (CAST(orders AS double) / active_months) * 12 * power(0.5e0, recency_days / 180e0), 2
        ) AS decimal(14, 2)
    ) AS predicted_ltv_12_months
FROM buyers
