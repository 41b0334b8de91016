-- Every second digit from the right counts twice; the sum of all digits must be a multiple of ten.
CREATE TEMP MACRO tr_str_luhn(x) AS
    list_sum(list_transform(range(1, length(x) + 1), lambda i:
        CASE WHEN (length(x) - i) % 2 = 0 THEN unicode(x[i]) - 48
             ELSE (unicode(x[i]) - 48) * 2 // 10 + (unicode(x[i]) - 48) * 2 % 10 END)) % 10 = 0
