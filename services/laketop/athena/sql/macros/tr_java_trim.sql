-- Java's trim(): everything up to the space goes from both ends.
CREATE TEMP MACRO tr_java_trim(x) AS
    regexp_replace(regexp_replace(x, '^[\x00-\x20]+', ''), '[\x00-\x20]+$', '')
