"""The topics of `crm guide`, one Markdown file a topic and language; tests try every example in them."""
