"""The outbox and the channels that carry its deliveries."""
