import pytest
import torch

from tests.training.samples import random_hands
from training.augment import AugmentConfig
from training.sources import Part, Sources
from training.stages import (
    PAPER_STAGES,
    STAGES,
    Layout,
    LossWeights,
    StageConfig,
    stage_at,
    weakly_supervised,
)
from training.train import layout_at, learning_rate, pictures_in, pictures_until
from training.warp import PicturePool

TWO = (
    StageConfig("a", 0.6, (1e-3, 1e-4)),
    StageConfig("b", 0.4, (1e-4, 1e-5), layouts=(Layout(64, 64),)),
)


@pytest.mark.parametrize(
    ("progress", "index", "within"),
    [(0.0, 0, 0.0), (0.3, 0, 0.5), (0.599, 0, 0.9983), (0.6, 1, 0.0), (0.8, 1, 0.5), (1.0, 1, 1.0)],
)
def test_a_runs_progress_is_split_by_the_stages_shares(
    progress: float, index: int, within: float
) -> None:
    stage, inside = stage_at(progress, TWO)
    assert stage == index
    assert inside == pytest.approx(within, abs=1e-4)


PICTURE_TERMS = ("photometric", "silhouette", "laplacian", "foreground", "albedo", "light")


def test_the_papers_stages_go_from_one_hand_to_many_and_from_geometry_to_appearance() -> None:
    assert [stage.name[0] for stage in PAPER_STAGES] == ["A", "B", "C", "D"]
    assert sum(stage.share for stage in PAPER_STAGES) == pytest.approx(1)
    for stage, with_pictures, many in zip(
        PAPER_STAGES, (False, True, False, True), (False, False, True, True), strict=True
    ):
        for term in PICTURE_TERMS:
            assert (getattr(stage.weights, term) > 0) == with_pictures, (stage.name, term)
        assert stage.hard_share == (0.7 if with_pictures else 1.0)
        assert (stage.weights.multi_consistency > 0) == many
        assert (len(stage.compose.hand_count_weights) > 2) == many or stage.composed_share == 0
        assert stage.weights.consistency == pytest.approx(0.1 * stage.weights.reprojection)
        assert stage.gate_tau is not None
        for layout in stage.layouts:
            assert layout.height * layout.across % 32 == layout.width * layout.across % 32 == 0
    rates = [rate for stage in PAPER_STAGES for rate in stage.learning_rate]
    assert rates[:2] > rates[-2:]


def test_weak_supervision_is_one_switch_of_all_stages() -> None:
    for stage, weak in zip(PAPER_STAGES, weakly_supervised(PAPER_STAGES), strict=True):
        assert stage.full_supervision
        assert not weak.full_supervision
        assert weak.weights == stage.weights


def test_the_stages_fill_the_run_and_appearance_comes_after_geometry() -> None:
    assert sum(stage.share for stage in STAGES) == pytest.approx(1)
    first, last = STAGES[0].weights, STAGES[-1].weights
    assert first.albedo == first.light == 0
    assert last.albedo > 0
    assert last.light > 0
    assert LossWeights().reprojection > 0
    for stage in STAGES:
        for layout in stage.layouts:
            # The backbone halves five times.
            assert layout.height * layout.across % 32 == layout.width * layout.across % 32 == 0


def test_the_learning_rate_warms_up_and_falls_as_a_cosine() -> None:
    stage = TWO[0]
    assert learning_rate(stage, 0.0, 10_000) == pytest.approx(1e-3)
    assert learning_rate(stage, 0.5, 10_000) == pytest.approx(5.5e-4)
    assert learning_rate(stage, 1.0, 10_000) == pytest.approx(1e-4)
    early = [learning_rate(stage, 0.0, step) for step in (0, 10, 40)]
    assert 0 < early[0] < early[1] < early[2] < 1e-3


def test_layouts_are_taken_in_turn_and_their_pictures_are_counted() -> None:
    layouts = (Layout(64, 64), Layout(32, 32, across=2, share=0.5), Layout(96, 96, share=0.01))
    stage = StageConfig("a", 1.0, (1e-3, 1e-3), layouts=layouts)
    assert [layout_at(stage, step) for step in range(4)] == [*layouts, layouts[0]]
    assert [pictures_in(layout, 8) for layout in layouts] == [8, 16, 2]
    assert pictures_until(0, 10, 8, (stage,)) == 0
    assert pictures_until(4, 10, 8, (stage,)) == 8 + 16 + 2 + 8


def test_each_layouts_largest_hand_fits_its_picture() -> None:
    for stage in (*STAGES, *PAPER_STAGES):
        for layout in stage.layouts:
            low, high = layout.hand_px or stage.augment.hand_px
            assert low < 0.9 * min(layout.height, layout.width)
            assert layout.hand_px is None or high < min(layout.height, layout.width)


def test_a_layout_says_how_large_its_hands_are() -> None:
    pool = PicturePool(random_hands(4, 1, 96, 96), torch.full((4, 2), 96.0))
    sources = Sources((Part(0, pool, pool),), 1, torch.zeros(1, 3, 64, 64, dtype=torch.uint8))
    still = AugmentConfig(pair=0.0, zoom=(0.01, 100.0))
    extents = {}
    for hand_px in ((20.0, 24.0), (50.0, 56.0)):
        layouts = (Layout(64, 64, hand_px=hand_px),)
        stage = StageConfig(
            "a", 1.0, (1e-3, 1e-3), layouts=layouts, augment=still, augment_scenes=still
        )
        keypoints = sources.batch(0, 0, 8, stage).batch.keypoints_2d
        extents[hand_px] = (keypoints.amax(2) - keypoints.amin(2)).amax(-1)
    for (low, high), extent in extents.items():
        # A turn makes the box of the same hand a little larger or smaller.
        assert extent.min() > 0.7 * low
        assert extent.max() < 1.4 * high
