-- Of each cohort (month of the first order), how many customers ordered in which month after it, and for how much.
SELECT cohort, months_since, customers, revenue FROM customer_cohorts ORDER BY cohort, months_since
