"""What is written: one function a use case, inside the caller's transaction. They never print, ask or look at the clock."""
