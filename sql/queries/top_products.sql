-- Products by revenue. Parameters: first day, last day (text), category ('all' for every one), how many.
WITH sold AS (
    SELECT
        product_id,
        name,
        category,
        price_band,
        sum(units) AS units,
        sum(revenue) AS revenue,
        max(average_rating) AS average_rating,
        row_number() OVER (ORDER BY sum(revenue) DESC, product_id) AS place
    FROM product_sales
    WHERE sales_date BETWEEN CAST(? AS date) AND CAST(? AS date) AND ? IN ('all', category)
    GROUP BY product_id, name, category, price_band
)
SELECT place, product_id, name, category, price_band, units, revenue, average_rating
FROM sold
WHERE place <= CAST(? AS integer)
ORDER BY place
