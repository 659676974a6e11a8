"""Everything that Ronda foresees and can explain in one line.

ExpectedError
+- ConfigError        a file, key or value that the user must change
+- StorageError       a database that is newer than the code, locked, damaged or not ours
+- AlreadyRunning     another process holds this home's lock (exit code 75)
+- FeedUnreadable     a listing that is neither feed, sitemap nor the JSON that was promised
+- NotAnArticle       a page that holds no article
+- DeliveryFailed     a channel could not deliver
"""


class ExpectedError(Exception):
    """Anything foreseen; the command line prints it as one line and exits with `exit_code`."""

    exit_code = 2


class ConfigError(ExpectedError):
    """Raised by the loaders: names file, key, what was found and what is allowed."""


class StorageError(ExpectedError):
    """Raised when a database cannot be used as it is; nothing was changed."""


class AlreadyRunning(ExpectedError):
    """Raised when a home's lock is held; the message names the holder."""

    exit_code = 75


class FeedUnreadable(ExpectedError):
    """Raised by listing functions; the crawl records the reason and goes on."""


class NotAnArticle(ExpectedError):
    """Raised by the reader; `reason` is stored with the page, which is not tried again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DeliveryFailed(ExpectedError):
    """Raised by a channel; `retry` says whether it is worth trying again.

    `after` is the number of seconds that the receiver asked us to wait, where it did.
    The message never holds a secret.
    """

    def __init__(self, message: str, *, retry: bool, after: float | None = None) -> None:
        super().__init__(message)
        self.retry = retry
        self.after = after
