"""The two passes over a pickle: records first, values second."""

import pickle
from typing import Any

import numpy as np
import pytest

from core.hand_model.inert_pickle import (
    PLAIN_NAMES,
    Record,
    RefusedPickleError,
    plain,
    read_inert,
)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_the_first_pass_makes_records_and_no_arrays(protocol: int) -> None:
    tree = read_inert(pickle.dumps({"a": np.arange(3.0)}, protocol))
    assert isinstance(tree["a"], Record)
    assert tree["a"].name.endswith("multiarray._reconstruct")
    np.testing.assert_array_equal(plain(tree)["a"], np.arange(3.0))


def test_arrays_are_copies_of_their_own() -> None:
    first, second = plain(read_inert(pickle.dumps([np.ones(2), np.ones(2)])))
    first[0] = 5
    assert second[0] == 1


def test_what_is_shared_stays_shared_and_a_list_may_hold_itself() -> None:
    part = [np.ones(2)]
    whole: list[Any] = [part, part]
    whole.append(whole)
    again = plain(read_inert(pickle.dumps(whole)))
    assert again[0] is again[1]
    assert again[2] is again


def test_more_names_can_be_known_but_are_never_looked_up() -> None:
    data = b"cno_such_module\nThing\n(I1\nI2\ntR(dS'x'\nI3\nsb."
    with pytest.raises(RefusedPickleError, match=r"no_such_module\.Thing"):
        read_inert(data)
    record = read_inert(data, PLAIN_NAMES | {"no_such_module.Thing"})
    assert (record.name, record.arguments, record.state) == (
        "no_such_module.Thing",
        (1, 2),
        {"x": 3},
    )
    with pytest.raises(ValueError, match="of another kind"):
        plain(record)


def test_a_program_may_have_so_many_instructions_and_no_more() -> None:
    data = b"(" + b"I1\n" * 10 + b"l."
    assert read_inert(data, max_opcodes=13) == [1] * 10
    with pytest.raises(ValueError, match="instructions"):
        read_inert(data, max_opcodes=12)


def test_a_bomb_of_shared_tuples_is_read_in_no_time() -> None:
    bomb: Any = (1,)
    for _ in range(50):
        bomb = (bomb, bomb)
    assert len(plain(read_inert(pickle.dumps(bomb, 2)))) == 2
    # As a key it would be hashed, which walks through all of its 2^50 parts.
    with pytest.raises(ValueError, match="a key of type tuple"):
        read_inert(b"\x80\x02}(I1\ntI2\ns.")
