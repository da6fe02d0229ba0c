"""What is read: functions over the SQL views, returning rows as the contract's JSON objects."""
