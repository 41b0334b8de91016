"""What is worked out of rows. Pure functions: no AWS, no Streamlit."""
