-- The customers who are worth most. Parameters: how many.
SELECT customer_id, cohort, segment, orders, revenue, recency_days, r_score, f_score, m_score, predicted_ltv_12_months
FROM (
    SELECT *, row_number() OVER (ORDER BY predicted_ltv_12_months DESC, customer_id) AS place
    FROM customer_ltv
)
WHERE place <= CAST(? AS integer)
ORDER BY place
