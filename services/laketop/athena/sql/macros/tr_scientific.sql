-- sign, digits before and after the point, exponent -> one digit before the point, no needless zeros behind it.
CREATE TEMP MACRO tr_scientific(sign, whole, fraction, exponent) AS
    sign || ltrim(whole || fraction, '0')[1] || '.'
    || CASE WHEN rtrim(ltrim(whole || fraction, '0')[2:], '0') = '' THEN '0'
            ELSE rtrim(ltrim(whole || fraction, '0')[2:], '0') END
    || 'E' || CAST(exponent + length(whole) - 1
                   - (length(whole || fraction) - length(ltrim(whole || fraction, '0'))) AS VARCHAR)
