"""What is stored with results is English, whatever language the command speaks."""

from tests.support.fake_run import FakeModel, run
from ydsim.fmt import percent
from ydsim.translation import catalogue, speak


class Remarking(FakeModel):
    """Has a remark with a number in words, made in its last quarter."""

    def step(self):
        super().step()
        self.notes = [percent(self.quarter / 100.0)]


def test_remarks_are_stored_in_english(tmp_path):
    with speak(catalogue("zh")):
        assert percent(0.12) == "12%"
        results = run(tmp_path / "fake", Remarking)
    assert results.notes == ["12 %"]
