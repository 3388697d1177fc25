"""What is in force where the company, a parent group and the group itself say something."""

from storage import layers
from storage.layers import Layer, resolve
from storage.rulebook import Choice, Rulebook


def both(above: Choice, own: Choice, key: str = "广告") -> layers.Resolved:
    return resolve([Layer("公司", {key: above}), Layer("本群", {key: own})])


def test_each_value_is_the_nearest_layers_own() -> None:
    found = both(
        Choice(mode="询问", params={"limit": 8, "seconds": 10}),
        Choice(params={"limit": 5}, ladder=("提醒",)),
        "刷屏",
    )
    assert found.book["刷屏"] == Choice(
        mode="询问", params={"limit": 5, "seconds": 10}, ladder=("提醒",)
    )
    assert found.origin("刷屏", ["mode"]) == "公司"
    assert found.origin("刷屏", ["limit"]) == "本群"
    assert found.origin("刷屏", ["limit", "seconds"]) == "本群+公司"
    assert found.origin("复读", ["mode"]) == "默认"


def test_lists_add_up_and_name_every_layer_they_come_from() -> None:
    found = both(Choice(params={"words": ["返利"]}), Choice(params={"words": ["刷单", "返利"]}))
    assert found.book["广告"].params == {"words": ["返利", "刷单"]}
    assert found.origin("广告", ["words"]) == "公司+本群"


def test_what_is_on_trial_above_is_on_trial_below() -> None:
    found = both(
        Choice(trial={"words": ["返利"]}, since="2026-11-20T10:00"),
        Choice(params={"words": ["刷单"]}),
    )
    assert found.book["广告"].params == {"words": ["刷单"]}
    assert found.book["广告"].trial == {"words": ["返利", "刷单"]}
    assert found.book["广告"].since == "2026-11-20T10:00"


def test_watching_above_does_not_count_where_the_group_decided_otherwise() -> None:
    watched = Choice(mode="观察", since="2026-11-20T10:00")
    assert both(watched, Choice()).book["广告"].since == "2026-11-20T10:00"
    assert both(watched, Choice(mode="执行")).book["广告"].since == ""


def test_a_list_that_a_group_only_watches_does_not_act_there() -> None:
    parent: Rulebook = {"广告": Choice(params={"words": ["返利"], "allow": ["战报"]})}
    found = resolve([Layer("上级群 A", parent, {"广告": ("words",)}, "2026-11-20T10:00")])
    assert found.book["广告"].params == {"allow": ["战报"]}
    assert found.book["广告"].trial == parent["广告"].params
    assert found.book["广告"].since == "2026-11-20T10:00"


def test_whom_a_group_named_and_its_answer_go_to_nobody_else() -> None:
    book: Rulebook = {
        "入群处理人": Choice(params={"name": "周航"}),
        "上级群": Choice(params={"group": 3}),
        "入群条件": Choice(params={"级别": "总监及以上", "答案": "班长你好"}),
    }
    assert layers.handed_on(book) == {"入群条件": Choice(params={"级别": "总监及以上"})}
