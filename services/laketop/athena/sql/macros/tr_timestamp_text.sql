-- Year, month, day and time with six digits of the second; years of more than four digits and those before 0 with a sign.
CREATE TEMP MACRO tr_timestamp_text(x) AS
    CASE WHEN x >= TIMESTAMP '0000-01-01' AND x < TIMESTAMP '10000-01-01' THEN strftime(x, '%Y-%m-%d %H:%M:%S.%f')
         WHEN x > TIMESTAMP '0001-01-01' THEN '+' || strftime(x, '%Y-%m-%d %H:%M:%S.%f')
         ELSE '-' || lpad(CAST(-year(x) AS VARCHAR), CAST(greatest(4, length(CAST(-year(x) AS VARCHAR))) AS INTEGER), '0')
              || strftime(x, '-%m-%d %H:%M:%S.%f') END
