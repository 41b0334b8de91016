-- The categories that sold, the one with the greatest revenue first.
SELECT category, sum(revenue) AS revenue
FROM product_sales
WHERE category IS NOT NULL
GROUP BY category
ORDER BY revenue DESC, category
