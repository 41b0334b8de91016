-- How many customers have which recency and frequency (quintiles, 5 the best), and what they are worth.
SELECT
    r_score,
    f_score,
    count(*) AS customers,
    sum(revenue) AS revenue,
    sum(predicted_ltv_12_months) AS predicted_ltv_12_months
FROM customer_ltv
GROUP BY r_score, f_score
ORDER BY r_score DESC, f_score DESC
