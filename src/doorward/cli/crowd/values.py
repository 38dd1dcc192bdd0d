"""Values as tables show them."""


def shown(value: float | None, digits: int = 1) -> str:
    if value is None:
        return "unknown"
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"
