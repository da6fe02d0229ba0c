"""The tables, one file an area; each file imports the models that its foreign keys point at.

Only commands that write import them. What is read goes through the views of `store/schema/`.
"""
