import pytest

from laketop.spark.launch import Shape
from laketop.spark.pool import FIRST_PAUSE, LONGEST_PAUSE, NICE, REFILL_DELAY, WARM_UP_TIMEOUT, Pool


@pytest.fixture
def said():
    return []


@pytest.fixture
def pool(launcher, clock, said):
    return Pool(2, launcher, clock, said.append)


def _fill(pool, launcher, number=2):
    for _ in range(number):
        pool.tend(busy=False)
        launcher.launched[-1].say("ready")


def test_one_driver_warms_at_a_time(pool, launcher):
    pool.tend(busy=False)
    pool.tend(busy=False)
    assert (len(launcher.launched), pool.counts()) == (1, (0, 1))
    launcher.launched[0].say("ready")
    pool.tend(busy=False)
    assert pool.counts() == (1, 1)
    assert [(driver.warm, driver.nice, driver.shape) for driver in launcher.launched] == [(True, 0, Shape())] * 2


def test_it_never_grows_past_its_size(pool, launcher):
    _fill(pool, launcher)
    pool.tend(busy=False)
    assert (len(launcher.launched), pool.counts()) == (2, (2, 0))


def test_a_driver_is_handed_out_once_the_oldest_first(pool, launcher, clock):
    _fill(pool, launcher)
    assert [pool.take(print, busy=False) for _ in range(3)] == [*launcher.launched, None]


def test_an_empty_pool_hands_out_nothing(launcher, clock, said):
    pool = Pool(0, launcher, clock, said.append)
    pool.tend(busy=False)
    assert pool.take(print, busy=False) is None
    assert launcher.launched == []


def test_a_ready_driver_goes_before_one_that_warms(pool, launcher):
    _fill(pool, launcher)
    ready = launcher.launched[1]
    pool.take(print, busy=False)
    pool.tend(busy=False)
    assert pool.take(print, busy=True) is ready
    assert pool.take(print, busy=True) is launcher.launched[2]


def test_one_that_warms_at_low_priority_is_not_waited_for_beside_other_runs(pool, launcher):
    pool.tend(busy=True)
    assert launcher.launched[0].nice == NICE
    assert pool.take(print, busy=True) is None
    assert pool.take(print, busy=False) is launcher.launched[0]


def test_refilling_waits_while_runs_are_going_but_not_for_ever(pool, launcher, clock):
    _fill(pool, launcher)
    pool.take(print, busy=False)
    pool.tend(busy=True)
    clock.now += REFILL_DELAY - 1
    pool.tend(busy=True)
    assert len(launcher.launched) == 2
    clock.now += 1
    pool.tend(busy=True)
    assert [driver.nice for driver in launcher.launched] == [0, 0, NICE]


def test_refilling_begins_at_once_when_no_run_is_going(pool, launcher):
    _fill(pool, launcher)
    pool.take(print, busy=False)
    pool.tend(busy=False)
    assert [driver.nice for driver in launcher.launched] == [0, 0, 0]


def test_the_taker_hears_what_follows(pool, launcher):
    _fill(pool, launcher, 1)
    heard = []
    pool.take(heard.append, busy=False)
    launcher.launched[0].say("running", output=1, error=2)
    launcher.launched[0].say("exit", code=0)
    assert [event["event"] for event in heard] == ["running", "exit"]
    assert pool.counts() == (0, 0)


def test_a_dead_driver_is_replaced_after_a_pause_that_doubles_and_ends_with_success(pool, launcher, clock, said):
    pauses = []
    for _ in range(9):
        pool.tend(busy=False)
        launcher.launched[-1].say("exit", code=1)
        begun, count = clock.now, len(launcher.launched)
        while len(launcher.launched) == count:
            clock.now += 0.5
            pool.tend(busy=False)
        pauses.append(clock.now - begun)
    assert pauses == [min(FIRST_PAUSE * 2**number, LONGEST_PAUSE) for number in range(9)]
    assert "error.log" in said[0]
    launcher.launched[-1].say("ready")
    launcher.launched[-1].say("exit", code=1)
    clock.now += FIRST_PAUSE
    pool.tend(busy=False)
    assert pool.counts() == (0, 1)


def test_a_driver_that_cannot_be_started_is_tried_again_later(pool, launcher, clock, said):
    launcher.broken = True
    pool.tend(busy=False)
    pool.tend(busy=False)
    assert len(said) == 1
    assert "no memory" in said[0]
    launcher.broken = False
    clock.now += FIRST_PAUSE
    pool.tend(busy=False)
    assert pool.counts() == (0, 1)


def test_a_warm_up_that_hangs_is_ended(pool, launcher, clock, said):
    pool.tend(busy=False)
    clock.now += WARM_UP_TIMEOUT + 1
    pool.tend(busy=False)
    assert launcher.launched[0].killed
    assert pool.counts() == (0, 0)
    assert "did not warm up" in said[0]


def test_closing_ends_all_and_starts_no_more(pool, launcher):
    _fill(pool, launcher, 1)
    pool.tend(busy=False)
    pool.close()
    pool.tend(busy=False)
    assert [driver.killed for driver in launcher.launched] == [True, True]
    assert pool.counts() == (0, 0)
