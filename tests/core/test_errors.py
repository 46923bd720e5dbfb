import pickle
import re

import pytest

from core import errors
from core.errors import ManyHandsError, told

LEAVES = [
    errors.SourceError,
    errors.ModelFileError,
    errors.EngineError,
    errors.OutputError,
    errors.SessionError,
    errors.UsageError,
    errors.DisplayError,
    errors.StreamError,
    errors.TrainingError,
]


@pytest.mark.parametrize("kind", LEAVES)
def test_every_error_tells_its_code_what_happened_and_what_to_do(
    kind: type[ManyHandsError],
) -> None:
    error = kind("CAM-06", "clip.mp4 does not exist", "Check the path.")
    assert isinstance(error, ManyHandsError)
    assert str(error) == "CAM-06: clip.mp4 does not exist. Check the path."
    assert (error.code, error.cause, error.remedy) == (
        "CAM-06",
        "clip.mp4 does not exist",
        "Check the path.",
    )


@pytest.mark.parametrize("kind", LEAVES)
def test_an_error_crosses_a_process_border_whole(kind: type[ManyHandsError]) -> None:
    error = kind("ENG-02", "it failed", "Try another engine.")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (copy.code, copy.cause, copy.remedy, str(copy)) == (
        error.code,
        error.cause,
        error.remedy,
        str(error),
    )


def test_the_docstring_draws_every_kind_of_error_that_there_is() -> None:
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, ManyHandsError)
    }
    assert defined == {kind.__name__ for kind in LEAVES} | {"ManyHandsError"}
    assert errors.__doc__ is not None
    drawn = set(re.findall(r"\b\w+Error\b", errors.__doc__))
    assert drawn == defined


def test_a_command_tells_its_error_in_one_line_and_ends_with_2(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @told
    def main(fault: Exception | None) -> int:
        if fault is not None:
            raise fault
        return 0

    assert main(None) == 0
    assert not caplog.records
    assert main(errors.TrainingError("TRN-01", "no data", "Give some.")) == 2
    assert [record.getMessage() for record in caplog.records] == ["TRN-01: no data. Give some."]
    with pytest.raises(ZeroDivisionError):
        main(ZeroDivisionError())
