"""What a forecast is made of: one file a method, the pool that chooses among them, and the bands around the choice."""
