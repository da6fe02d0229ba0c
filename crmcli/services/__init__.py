"""What is written: one function a use case, in the caller's transaction. None prints, asks or looks at the clock."""
