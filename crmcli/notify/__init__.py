"""Delivery of messages to channels. Knows neither the database nor what a message is about."""
