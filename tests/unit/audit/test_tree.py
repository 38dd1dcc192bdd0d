"""The writer's tree and the outsider's verifier, against each other and against published answers."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward.audit import tree
from doorward.audit.verifier import check_consistency, check_inclusion, root_of
from doorward.errors import AuditInvalid
from known_people import UNHURRIED

# Leaves, roots and proofs of the reference implementation of Certificate Transparency (merkle tree test vectors).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    bytes.fromhex(root)
    for root in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): INCLUSION[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def stored(leaves: list[bytes]) -> tree.Nodes:
    """The nodes as appending ``leaves`` one by one stores them."""
    nodes: dict[tuple[int, int], bytes] = {}

    def get(level: int, index: int) -> bytes:
        return nodes[level, index]

    peaks: list[bytes] = []
    for index, data in enumerate(leaves):
        assert tree.root_under(peaks) == tree.root(get, index)
        nodes[0, index] = tree.leaf_hash(data)
        peaks, completed = tree.append(peaks, index, nodes[0, index])
        for level, place, node in completed:
            assert (level, place) not in nodes
            nodes[level, place] = node
    assert len(nodes) <= 2 * len(leaves)
    return get


@cache
def many() -> tuple[list[bytes], tree.Nodes]:
    leaves = [number.to_bytes(2, "big") for number in range(130)]
    return leaves, stored(leaves)


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size: int) -> None:
    assert tree.root(stored(LEAVES), size) == ROOTS[size]
    assert root_of(LEAVES[:size]) == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_known_inclusion_proofs(index: int, size: int) -> None:
    proof = tree.inclusion_proof(stored(LEAVES), index, size)
    assert [node.hex() for node in proof] == INCLUSION[index, size]
    check_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_known_consistency_proofs(old: int, new: int) -> None:
    proof = tree.consistency_proof(stored(LEAVES), old, new)
    assert [node.hex() for node in proof] == CONSISTENCY[old, new]
    check_consistency(old, ROOTS[old], new, ROOTS[new], proof)


@UNHURRIED
@given(st.data())
def test_every_entry_is_proved_included_and_no_other(data: st.DataObject) -> None:
    leaves, nodes = many()
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    root, proof = root_of(leaves[:size]), tree.inclusion_proof(nodes, index, size)
    assert tree.root(nodes, size) == root
    check_inclusion(leaves[index], index, size, proof, root)
    wrong = [
        (b"another", index, size, proof, root),
        (leaves[index], index, size, [*proof, root], root),
        (leaves[index], index, size, proof, bytes(32)),
        (leaves[index], size, size, proof, root),
        (leaves[index], -1, size, proof, root),
        (leaves[index], index, size, [node[:31] for node in [*proof, root]], root),
    ]
    if proof:
        turned = data.draw(st.integers(0, len(proof) - 1))
        wrong += [
            (leaves[index], index, size, proof[:-1], root),
            (leaves[index], index, size, [*proof[:turned], bytes(32), *proof[turned + 1 :]], root),
            (
                leaves[index],
                data.draw(st.integers(0, size - 1).filter(lambda other: other != index)),
                size,
                proof,
                root,
            ),
        ]
    for told in wrong:
        with pytest.raises(AuditInvalid):
            check_inclusion(*told)


@UNHURRIED
@given(st.data())
def test_every_beginning_is_proved_consistent_and_no_other(data: st.DataObject) -> None:
    leaves, nodes = many()
    new = data.draw(st.integers(0, len(leaves)))
    old = data.draw(st.integers(0, new))
    roots, proof = (root_of(leaves[:old]), root_of(leaves[:new])), tree.consistency_proof(nodes, old, new)
    check_consistency(old, roots[0], new, roots[1], proof)
    wrong = [
        (old, bytes(32), new, roots[1], proof),
        (old, roots[0], new, roots[1], [*proof, roots[1]]),
        (new + 1, roots[0], new, roots[1], proof),
        (-1, roots[0], new, roots[1], proof),
    ]
    if old:
        wrong.append((old, roots[0], new, bytes(32), proof))
    if proof:
        turned = data.draw(st.integers(0, len(proof) - 1))
        wrong += [
            (old, roots[0], new, roots[1], proof[:-1]),
            (old, roots[0], new, roots[1], [*proof[:turned], bytes(32), *proof[turned + 1 :]]),
        ]
    for told in wrong:
        with pytest.raises(AuditInvalid):
            check_consistency(*told)


@UNHURRIED
@given(
    proof=st.lists(st.binary(min_size=32, max_size=32), max_size=8), old=st.integers(0, 300), new=st.integers(0, 300)
)
def test_a_made_up_proof_proves_nothing(proof: list[bytes], old: int, new: int) -> None:
    with pytest.raises(AuditInvalid):
        check_inclusion(b"made up", old, new, proof, b"r" * 32)
    with pytest.raises(AuditInvalid):
        check_consistency(old, b"r" * 32, new, b"s" * 32, proof)


def test_a_proof_that_ends_below_the_root_proves_nothing_about_a_larger_tree() -> None:
    nodes = stored(LEAVES)
    with pytest.raises(AuditInvalid):
        check_inclusion(LEAVES[0], 0, 8, tree.inclusion_proof(nodes, 0, 4), ROOTS[4])
    with pytest.raises(AuditInvalid):
        check_consistency(2, ROOTS[2], 8, ROOTS[4], tree.consistency_proof(nodes, 2, 4))
