-- What each price band sold. Parameters: first day, last day (text), category ('all' for every one).
SELECT
    coalesce(price_band, 'unknown') AS price_band,
    count(DISTINCT product_id) AS products,
    sum(units) AS units,
    sum(revenue) AS revenue
FROM product_sales
WHERE sales_date BETWEEN CAST(? AS date) AND CAST(? AS date) AND ? IN ('all', category)
GROUP BY coalesce(price_band, 'unknown')
ORDER BY revenue DESC, price_band
