-- For each key how many are less than it, and one: equal keys have equal ranks.
CREATE TEMP MACRO tr_agg_ranks(keys) AS
    list_extract(list_transform(
        [list_sort(list_transform(keys, lambda g_key, g_at: {'k': g_key, 'i': g_at}))],
        lambda g_sorted: list_extract(list_transform(
            [list_filter(range(1, len(g_sorted) + 1),
                         lambda g_at: g_at = 1 OR g_sorted[g_at - 1].k IS DISTINCT FROM g_sorted[g_at].k)],
            lambda g_heads: list_transform(
                list_sort(flatten(list_transform(g_heads, lambda g_head, g_no:
                    list_transform(range(g_head, coalesce(g_heads[g_no + 1], len(g_sorted) + 1)),
                                   lambda g_at: {'i': g_sorted[g_at].i, 'r': g_head})))),
                lambda g_one: g_one.r)), 1)), 1)
