"""The team's dashboard. Start it with `make dashboard`, or anywhere by

LAKEHOUSE_PREFIX=shop-dev PYTHONPATH=. streamlit run streamlit_app/app.py
"""

from pathlib import Path

import streamlit as st

from streamlit_app.show import freshness

# without sections: their headings would stand within the list of links, which a screen reader cannot tell
PAGES = [
    st.Page("views/overview.py", title="Overview", icon=":material/monitoring:", default=True),
    st.Page("views/products.py", title="Products", icon=":material/sell:"),
    st.Page("views/customers.py", title="Customers", icon=":material/group:"),
    st.Page("views/funnel.py", title="Funnel", icon=":material/filter_alt:"),
    st.Page("views/reviews.py", title="Reviews", icon=":material/reviews:"),
    st.Page("views/pipeline.py", title="Pipeline", icon=":material/account_tree:"),
    st.Page("views/lake.py", title="Lake", icon=":material/database:"),
    st.Page("views/sql.py", title="SQL", icon=":material/terminal:"),
]

st.set_page_config(page_title="Lakehouse", page_icon=Path(__file__).with_name("icon.svg"), layout="wide")
page = st.navigation(PAGES)
freshness.sidebar()
page.run()
