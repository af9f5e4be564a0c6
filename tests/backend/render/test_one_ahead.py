import threading

import pytest

from backend.render.one_ahead import one_ahead


def test_results_come_in_order():
    assert list(one_ahead(lambda x: x * x, range(5))) == [0, 1, 4, 9, 16]
    assert list(one_ahead(str, [])) == []


def test_the_next_one_is_worked_on_while_the_last_one_is_used_and_no_other():
    begun = [threading.Event() for _ in range(4)]

    def work(index):
        begun[index].set()
        return index

    results = one_ahead(work, range(4))
    assert next(results) == 0
    assert begun[1].wait(10)  # without anybody asking
    assert not begun[2].is_set()
    assert next(results) == 1
    results.close()
    assert not begun[3].is_set()


def test_an_error_comes_where_its_result_would_have():
    def work(index):
        if index == 2:
            raise ValueError("the third one")
        return index

    results = one_ahead(work, range(5))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="the third one"):
        next(results)
