-- The positions of equal keys, as one list for each key, in the order in which the keys first appear. By sorting, because
-- comparing each with each would take the square of their number.
CREATE TEMP MACRO tr_agg_groups(keys) AS
    list_extract(list_transform(
        [list_sort(list_transform(keys, lambda g_key, g_at: {'k': g_key, 'i': g_at}))],
        lambda g_sorted: list_extract(list_transform(
            [list_filter(range(1, len(g_sorted) + 1),
                         lambda g_at: g_at = 1 OR g_sorted[g_at - 1].k IS DISTINCT FROM g_sorted[g_at].k)],
            lambda g_heads: list_transform(
                list_sort(list_transform(g_heads, lambda g_head, g_no:
                    {'i': g_sorted[g_head].i, 'a': g_head, 'b': coalesce(g_heads[g_no + 1], len(g_sorted) + 1)})),
                lambda g_run: list_transform(range(g_run.a, g_run.b), lambda g_at: g_sorted[g_at].i))), 1)), 1)
