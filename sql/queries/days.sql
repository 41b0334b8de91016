-- The first and the last day that there are figures of, and the currency of all amounts.
SELECT d.first_day, d.last_day, c.currency
FROM (SELECT min(day) AS first_day, max(day) AS last_day FROM daily_kpis) AS d
CROSS JOIN (SELECT min(currency) AS currency FROM ${processed}.transactions) AS c
