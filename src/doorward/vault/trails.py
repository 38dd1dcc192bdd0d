"""A person's part of the audit log: the tags that find its entries, and the key that says they are about them.

Both come from the secret of the first key that the person had, which every renewal of their key carries over.
"""

from doorward.kernel.clock import Randomness
from doorward.kernel.ids import PersonId, SiteId
from doorward.vault.derivation import code_over, counted, derived
from doorward.vault.envelope import Cell, Place, open_sealed, seal
from doorward.vault.passages import UNNAMED_KEY
from doorward.vault.row_names import RowNames


class Trail:
    """Opens until the person is erased, whichever key they have meanwhile."""

    def __init__(self, site: SiteId, person: PersonId, secret: bytes) -> None:
        self._site = site
        self._person = person
        self._secret = secret

    def tag(self, number: int) -> bytes:
        """The blind tag of the ``number``-th entry about the person."""
        return code_over(self._secret, self._person.encode(), counted(number))

    def names(self) -> RowNames:
        """Names the person's rows in the log."""
        return RowNames(self._site, self._secret)

    def seal(self, cell: Cell, plaintext: bytes, randomness: Randomness) -> bytes:
        return seal(self._subject_key(), UNNAMED_KEY, self._place(cell), plaintext, randomness)

    def open(self, cell: Cell, sealed: bytes) -> bytes:
        """The plaintext; ``Tampered`` when it does not open."""
        return open_sealed(self._subject_key(), UNNAMED_KEY, self._place(cell), sealed)

    def _subject_key(self) -> bytes:
        return derived(self._secret, b"subject")

    def _place(self, cell: Cell) -> Place:
        return Place(self._site, cell.table, cell.column, cell.row, self._person, cell.generation)
