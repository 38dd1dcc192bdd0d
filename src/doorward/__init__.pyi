from doorward.wiring.face.api import create as create
from doorward.wiring.face.api import open as open  # noqa: A004 - users call doorward.open
from doorward.wiring.face.site import Site as Site

__version__: str
