"""Downloader middlewares, one idea each, that keep the crawl polite and safe."""
