"""Everything that can go wrong in a servable, as one tree.

ServableError
├── CannotLoad        the model, its contract or its files are unusable: the process ends
├── UnknownModel      the caller asked for another model or version
├── InvalidInput      the caller's tensors are malformed, or the model refused their values
├── WrongOutput       the model's answer is not what the signature promises
└── ModelFailed       the model's code raised something it did not mean for the caller

The gRPC door (service.py) maps each to a status, in one place.
"""


class ServableError(Exception):
    """The root; its text is written for the person who reads it at the other end."""


class CannotLoad(ServableError):
    pass


class UnknownModel(ServableError):
    pass


class InvalidInput(ServableError):
    pass


class WrongOutput(ServableError):
    pass


class ModelFailed(ServableError):
    pass
