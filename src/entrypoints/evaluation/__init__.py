"""Golden cases, and how the summarizers do on them."""
