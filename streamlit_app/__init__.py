"""The dashboard for the team: a Streamlit app that speaks to AWS's APIs alone.

`views/` has a script a page, which says what stands where; `figures/` what is worked out of rows, `charts/` how it is
drawn (both pure); `lake/` what is asked of AWS; `show/` what pages have in common.
"""
