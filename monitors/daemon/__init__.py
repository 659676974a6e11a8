"""The daemon of one home: one asyncio loop, one writing thread, one crawl process at a time."""
