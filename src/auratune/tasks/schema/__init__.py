"""Tables, their types, and the migrations that make them."""
