"""Neural models: what is known of them, where they lie, that they are the right ones, and what runs them."""
