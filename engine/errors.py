"""The error that reaches a user: one sentence saying what happened, why, and what to do.

Raised anywhere below the front ends, caught only by them. Imports nothing.
"""


class SottoError(Exception):
    """A mistake or a lack that the user can mend; `str(error)` is the whole sentence to show."""


class ConfigError(SottoError):
    """A configuration that is malformed, has unknown keys or contradicts itself."""


class VoiceError(SottoError):
    """A voice that is missing, damaged, refused (pickle) or put together from parts that do not belong together."""
