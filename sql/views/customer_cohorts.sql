-- Of each cohort (month of the first order), how many customers ordered again in each month after it, and for how much.
WITH
    orders AS (
        SELECT customer_id, date_trunc('month', transaction_date) AS order_month, sum(total_amount) AS revenue
        FROM ${processed}.transactions
        WHERE status = 'completed'
        GROUP BY customer_id, date_trunc('month', transaction_date)
    ),
    firsts AS (
        SELECT customer_id, min(order_month) AS cohort FROM orders GROUP BY customer_id
    )
SELECT
    date_format(f.cohort, '%Y-%m') AS cohort,
    date_diff('month', f.cohort, o.order_month) AS months_since,
    count(*) AS customers,
    sum(o.revenue) AS revenue
FROM orders AS o
INNER JOIN firsts AS f ON o.customer_id = f.customer_id
GROUP BY f.cohort, o.order_month
