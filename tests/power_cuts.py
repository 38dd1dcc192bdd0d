"""A process that ends between two steps, as by a power cut: nothing of it runs any more."""

from collections.abc import Callable


class PowerCut(BaseException):
    """Nothing catches it, as nothing catches a power cut."""


def cut(*_: object, **__: object) -> None:
    """In place of a step: the cut comes before it."""
    raise PowerCut


def then_cut(act: Callable[..., object]) -> Callable[..., None]:
    """In place of ``act``: the cut comes after it."""

    def done_then_cut(*told: object, **more: object) -> None:
        act(*told, **more)
        raise PowerCut

    return done_then_cut
