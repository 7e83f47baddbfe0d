"""The catalogue of bad scenario files: each gives one line that says where and what."""

import os
import re

import pytest

from tests.support.refusals import demand_chinese
from ydsim.cli import main
from ydsim.scenario.schema.key_index import REMOVED, said_of
from ydsim.translation import catalogue, speak

_BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)
_CHAIN = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 60))

GRANTS = "kind: grants, year: 2013, share: .1"

# name, text, what the one line has, in this order
TEXTS = [
    ("Y01", "name: x\nscale: [1, 2\n", "2:8: list not closed: '[' without ']'"),
    ("Y01-map", "scale: {a: 1\n", "1:8: mapping not closed: '}' is missing"),
    ("Y01-quote", "name: 'x\n", "1:7: quote not closed"),
    ("Y02", "parameters:\n\tchain: 1\n", "2:1: tab used for indentation; use spaces"),
    ("Y03", "seed: 1\nscale: 1\nseed: 2\n", "3:1: key 'seed' appears twice, first in line 1"),
    ("Y04", "seed: 1\nSeed: 2\n", "2:1: key 'Seed' differs only in form from 'seed' in line 1"),
    ("Y04-wide", "seed: 1\nｓeed: 2\n", "2:1: key 'ｓeed' differs only in form from 'seed' "),
    ("Y05", "sclae: 1\n", "1:1: sclae: unknown key; did you mean 'scale'?"),
    ("Y05-deep", "parameters:\n  chain:\n    spn: 1\n", "3:5: parameters.chain.spn: ... 'span'"),
    ("Y05-far", "zzz: 1\n", "1:1: zzz: unknown key; valid keys: name, description, world, start"),
    ("Y06", "parameters:\n  chain:\n    burn_in: 3\n",
     "parameters.chain.burn_in: ... 'parameters.population'"),
    ("Y06-top", "parameters:\n  end: 2012\n", "2:3: parameters.end: ... 'policies.<name>'"),
    ("Y06-whole", "talent: {}\n", "1:1: talent: ... belongs under 'parameters'"),
    ("Y06-policy", "policies:\n  level: 0.3\n", "level: ... 'governance' ... 'policies.closure'"),
    ("shocks-map", "shocks: {a: 1}\n", "1:9: shocks: expected a list, found a mapping"),
    ("shocks-text", "shocks: [a]\n", "1:10: shocks[0]: ... found text 'a'"),
    ("governance", "governance: {mode: war}\n", "1:20: governance.mode: ... 'war'"),
    ("governance-range", "governance: {horizon: 0}\n", "1:23: governance.horizon: ... found 0"),
    ("governance-table", "governance: {beliefs: table}\n", "governance.beliefs: ... payoffs.csv"),
    ("governance-file", "governance: {mode: tournament, beliefs: table, table: no.csv}\n",
     "governance.table: no.csv: "),
    ("Y06-section", "rd_grants: {rate: 0.1}\n", "1:1: rd_grants: ... belongs under 'policies'"),
    ("Y08", "", "1:1: the file is empty; start with `extends: baseline`"),
    ("Y08-comment", "# only this\n", "1:1: the file is empty; start with `extends: baseline`"),
    ("Y09-list", "- a\n", "1:1: expected a mapping of keys to values, found a list"),
    ("Y09-text", "hello\n", "1:1: expected a mapping of keys to values, found text 'hello'"),
    ("Y09-colon", "x：1\n", "1:2: full-width '：' (U+FF1A) is not a colon; write ': '"),
    ("Y09-colon-first", "scale：0.1\nseed: 1\n", "1:6: full-width '：' (U+FF1A) is not a colon"),
    ("Y10", "seed: 1\n---\nseed: 2\n", "2:1: one scenario a file; a second document starts here"),
    ("Y11", "name: !!python/object/apply:os.system ['touch HACKED']\n", "1:7: tags "),
    ("Y12", "seed: !foo 1\n", "1:7: tags such as '!foo' are not allowed"),
    ("Y13", _BOMB, "6:8: more than 100,000 values, aliases written out"),
    ("Y13-deep", _CHAIN, "49:12: nested deeper than 50 levels, aliases written out"),
    ("Y14", "a: &a [*a]\n", "1:8: alias *a refers to itself"),
    ("Y14-unknown", "seed: *x\n", "1:7: alias *x has no anchor before it"),
    ("Y15", "[" * 2000, "1:51: nested deeper than 50 levels"),
    ("Y15-long", "a: " + "!" * 1_000_000, "1:1: line longer than 100,000 characters"),
    ("Y19-bell", 'name: "a\x07"\n', "1:9: character U+0007 (control character) is not allowed"),
    ("Y19-nul", "a\0b: 1\n", "1:2: character U+0000 (control character) is not allowed"),
    ("Y19-bidi", "# \u202eabc\n", "1:3: character U+202E (RIGHT-TO-LEFT OVERRIDE) is not allowed"),
    ("Y19-zero", "na\u200bme: x\n", "1:3: character U+200B (ZERO WIDTH SPACE) is not allowed"),
    ("Y19-line", "a: b\u2028c\n", "1:5: character U+2028 (LINE SEPARATOR) is not allowed"),
    ("Y19-escape", 'description: "\\e[31m"\n', "1:14: character U+001B (control character) is"),
    ("Y20", "record:\n  cities: yes\n", "2:11: record.cities: ... true"),
    ("Y20-off", "record: {cities: Off}\n", "found text 'Off'; write false"),
    ("Y20-number", "record: {cities: 1}\n", "expected true or false, found the number 1"),
    ("Y21-octal", "seed: 010\n", "1:7: seed: expected a whole number, found text '010'; write 10"),
    ("Y21-hex", "seed: 0x1F\n", "1:7: seed: expected a whole number, found text '0x1F'"),
    ("Y21-underscore", "seed: 1_000\n", "found text '1_000'; write 1000"),
    ("Y21-clock", "seed: 12:30\n", "1:7: seed: expected a whole number, found text '12:30'"),
    ("Y22-int", "seed: 1e3\n", "expected a whole number, found the number 1e3; write 1000"),
    ("Y23", 'scale: "0.3"\n', "1:8: scale: ... 0.3 without quotes"),
    ("Y23-true", "seed: true\n", "1:7: seed: expected a whole number, found true"),
    ("Y24", "1: a\n", "1:1: keys must be text, found the number 1"),
    ("Y24-true", "true: a\n", "1:1: keys must be text, found true"),
    ("Y24-list", "? [a]\n: 1\n", "1:3: keys must be text, found a list"),
    ("Y25-wide", "scale: ３０％\n", "expected a number, found text '３０％'; write 0.3"),
    ("Y25-han", "seed: 三十\n", "1:7: seed: expected a whole number, found text '三十'"),
    ("Y25-comma", "seed: 1,000\n", "found text '1,000'; write 1000"),
    ("Y25-percent", "scale: 5%\n", "1:8: scale: expected a number, found text '5%'; write 0.05"),
    ("V01", "scale: .nan\n", "1:8: scale: must be a finite number"),
    ("V01-int", "seed: .nan\n", "1:7: seed: must be a finite number"),
    ("V02", "scale: -.inf\n", "1:8: scale: must be a finite number"),
    ("V02-digits", f"seed: 1{'0' * 5000}\n", "1:7: seed: must be a finite number"),
    ("V03", "seed: -1\n", "1:7: seed: must be between 0 and 9223372036854775807, found -1"),
    ("V03-unit", "replicates: -1\n", "must be between 1 and 100000 (runs), found -1"),
    ("V04", "policies:\n  border_friction:\n    passes: 30\n",
     "3:5: policies.border_friction.passes: ... 0.3"),
    ("V04-list", "parameters: {certify: {thresholds: [0.05, 4, 0.03]}}\n",
     "certify.thresholds[1]: ... 0.04 (4 %)"),
    ("V05-unit", "parameters:\n  match: {reserve: 30}\n", "match.reserve: ... (utility), found 30"),
    ("V05-open", "parameters: {chain: {pace: [4, 6, 12, 30, 0]}}\n",
     "chain.pace[4]: must be above 0 ... 0"),
    ("V05", "scale: 0\n", "1:8: scale: must be between 0.002 and 1, found 0"),
    ("V09", "start: 2020\nend: 2012\n", "2:6: end: end 2012 lies before start 2020"),
    ("V09-policy", "policies:\n  rd_grants: {start: 2020, end: 2015}\n",
     "2:33: policies.rd_grants.end: ... 2015"),
    ("V09-shares", "parameters: {fund: {university_share: 0.7}}\n",
     "parameters.fund.university_share: ... 1.32"),
    ("V09-parts", "parameters: {contracts: {examination: [0.2, 0.4, 0.3, 0.2]}}\n",
     "contracts.examination: ... 1.1"),
    ("V12", "scale: [1]\n", "1:8: scale: expected a number, found a list"),
    ("V12-mapping", "parameters:\n  chain: [1]\n", "2:10: parameters.chain: ... found a list"),
    ("V12-item", "parameters:\n  chain:\n    pace: [1, a, 3, 4, 5]\n",
     "3:15: parameters.chain.pace[1]: ... 'a'"),
    ("V12-short", "parameters: {chain: {pace: [1, 2]}}\n",
     "parameters.chain.pace: ... 5 values, found 2"),
    ("V12-whole", "parameters: {match: {candidates: 1.5}}\n", "match.candidates: ... 1.5"),
    ("V12-scalar", "parameters: {chain: {pace: 3}}\n",
     "parameters.chain.pace: ... write [...]"),
    ("V12-name", "name: 3\n", '1:7: name: expected text, found the number 3; write "3" in quotes'),
    ("V12-choice", "parameters: {travel: {hours: recordet}}\n",
     "travel.hours: 'recordet' ... 'recorded'"),
    ("V13", "seed: 1.5\n", "1:7: seed: expected a whole number, found the number 1.5"),
    ("V13-text", "seed: abc\n", "1:7: seed: expected a whole number, found text 'abc'"),
    ("V13-null", "seed: null\n", "1:7: seed: has no value; delete the key to get its default 1"),
    ("V13-section", "parameters:\n", "parameters: has no value; delete the key"),
    ("V15", "policies:\n  border_friction: {passes: 0.9}\n"
     "  other: {policy: border_friction, passes: 0.8}\n",
     "3:3: policies.other: ... 'border_friction'"),
    ("V16", "policies:\n  rd_grant: {}\n", "2:3: policies.rd_grant: ... 'rd_grants'"),
    ("V16-far", "policies:\n  my_own: {rate: 1}\n", "a name of your own needs `policy:`"),
    ("V16-key", "policies: {a: {policy: rd_grants, rat: 0.1}}\n", "policies.a.rat: ... 'rate'"),
    ("V16-number", "policies: 5\n", "1:11: policies: expected a mapping from names of policies"),
    ("V16-null", "policies:\n", "found nothing; write {} for none"),
    ("V16-yes", "policies:\n  rd_grants: yes\n", "2:14: policies.rd_grants: ... found text"),
    ("V16-name", "policies: {a.b: {}}\n", "names of policies are letters, digits, '_' and '-'"),
    ("V16-kind-type", "policies: {a: {policy: 3}}\n", "policies.a.policy: ... found the number 3"),
    ("V16-import", "policies: {a: {policy: no.such.Thing}}\n",
     "policies.a.policy: ... --allow-code"),
    ("V16-target", "policies: {rd_grants: {target: {provinces: Anhui}}}\n",
     "target.provinces: ... write [Anhui]"),
    ("V16-city", "policies: {rd_grants: {target: {cities: [3401]}}}\n",
     "target.cities[0]: ... 3401"),
    ("X01", "name: ../../etc/x\n", "1:7: name: '../../etc/x' cannot name a folder; use at most 80"),
    ("X01-up", "name: ..\n", "1:7: name: '..' cannot name a folder"),
    ("X01-option", "name: -x\n", "1:7: name: '-x' cannot name a folder"),
    ("X01-slash", "name: ..／江\n", "1:7: name: '..／江' cannot name a folder"),
    ("X01-space", "name: 长 江\n", "1:7: name: '长 江' cannot name a folder"),
    ("X01-blank", "name: 江\u3164\n", "1:7: name: '江\u3164' cannot name a folder"),
    ("X01-long", f"name: {'江' * 81}\n", "1:7: name: "),
    ("merge", "<<: {seed: 1}\n", "1:1: merge keys (<<) are not supported; use `extends`"),
    ("colon", "description: a: b\n", "1:15: a second ': ' in one value"),
    ("dedent", "  seed: 1\nscale: 1\n", "2:1: does not fit the lines before it"),
    ("no-colon", "seed: 1\nfoo\nscale: 1\n", "3:1: expected `key: value`"),
    ("at", "name: @x\n", "1:7: not valid YAML: found character '@' that cannot start any token"),
    ("directive", "%YAML 1.1\n---\nseed: 1\n", "only YAML 1.2 is read; delete the %YAML line"),
    ("directive-later", "%YAML 1.21\n---\nseed: 1\n", "not valid YAML: "),
]  # fmt: skip
SHOCKS = [
    ("kind", "kind: grant, year: 2013, share: .1", "2:19: shocks[0].kind: ... 'grants'"),
    ("no-kind", "year: 2013, share: .1", "2:3: shocks[0]: ... 'kind', one of delete_projects"),
    ("key", "kind: grants, year: 2013, shar: .1", "2:39: shocks[0].shar: ... 'share'"),
    ("share", "kind: grants, year: 2013, share: 10", "2:46: shocks[0].share: ... 0.1 (10 %)"),
    ("need", "kind: grants, share: .1", "2:3: shocks[0]: ... 'year' (year)"),
    ("name", "name: a b, kind: grants, year: 2013, share: .1", "2:4: shocks[0].name: "),
    ("early", "kind: grants, year: 2009, share: .1", "2:1: shocks: shocks[0].year 2009 ... 2011"),
    ("twice", f"{GRANTS}}}\n- {{name: a, {GRANTS}", "2:1: shocks: shocks[1] and shocks[0] ... 'a'"),
    ("policy", f"name: border_friction, {GRANTS}", "2:1: shocks: shocks[0] ... 'border_friction'"),
    ("units", f"{GRANTS}, arms: g}}\n- {{name: b, kind: meetings, year: 2013, share: .1, arms: g",
     "2:1: shocks: ... 'g' ... city, pair"),
    ("sum", f"{GRANTS}, arms: g}}\n- {{name: b, kind: grants, year: 2013, share: .95, arms: g",
     "2:1: shocks: ... 'g' have shares of 1.05"),
    ("aim", f"{GRANTS}, target: {{fields: [x]}}", "target.fields ... of use are: provinces"),
    ("place", f"{GRANTS}, target: {{cities: [Hangzou]}}", "target.cities: ... 'Hangzhou'"),
    ("number", "kind: delete_projects, year: 2013, share: .1, number: 3", "shocks[0].number: "),
    ("arm", "kind: delete_projects, year: 2013, number: 3, arms: g", "shocks[0].number: ... group"),
]  # fmt: skip
TEXTS += [
    (f"shocks-{id_}", f"shocks:\n- {{{'' if keys[:5] == 'name:' else 'name: a, '}{keys}}}\n", said)
    for id_, keys, said in SHOCKS
]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "said"), [t[1:] for t in TEXTS], ids=[t[0] for t in TEXTS])
def test_one_line_says_where_and_what(refused, text, said):
    (line,) = refused(text)
    assert line.startswith("x.yaml:")
    assert re.search(".*".join(map(re.escape, said.split(" ... "))), line), line


BYTES = [
    ("Y17", "name: 长三角\n".encode("gb18030"), 4, "not UTF-8 at byte 6 (looks like GB18030)"),
    ("Y17-latin", b"name: \xff\xfe\xfa\x80\n", 4, "not UTF-8 at byte 6"),
    ("Y16", b"#" + b"x" * 5_000_000, 4, "is larger than 5 MB, which no scenario is"),
    ("Y16-limit", b"x" * 4_999_999, 3, "line longer than 100,000 characters"),
]


@pytest.mark.parametrize(("raw", "code", "said"), [t[1:] for t in BYTES], ids=[t[0] for t in BYTES])
def test_bytes_that_are_no_text(refused, raw, code, said):
    (line,) = refused(raw, code)
    assert line.startswith("x.yaml:")
    assert said in line


def _said(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    code = main([*args])
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return code, err.rstrip("\n")


def test_files_that_are_no_files(folder, capsys):
    (folder / "dir.yaml").mkdir()
    os.mkfifo(folder / "pipe.yaml")
    (folder / "mine.yaml").touch()
    assert _said(capsys, "check", "dir.yaml") == (
        4, "error: dir.yaml: is a folder, not a scenario file"
    )  # fmt: skip
    assert _said(capsys, "check", "pipe.yaml") == (4, "error: pipe.yaml: is not a regular file")
    assert _said(capsys, "check", "/dev/zero.yaml")[0] == 4
    assert _said(capsys, "check", "/dev/zero") == (4, "error: /dev/zero: is not a regular file")
    assert _said(capsys, "check", "mnie.yaml") == (
        4, "error: mnie.yaml: no such file; did you mean 'mine.yaml'?"
    )  # fmt: skip
    assert _said(capsys, "check", "a\0b.yaml")[0] == 4
    assert _said(capsys, "check", "x" * 300 + ".yaml")[0] == 4


def test_a_file_that_cannot_be_read(folder, capsys, monkeypatch):
    (folder / "x.yaml").write_text("seed: 1\n", encoding="utf-8")

    def deny(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", deny)
    code, line = _said(capsys, "check", "x.yaml")
    monkeypatch.undo()
    assert (code, line) == (4, "error: x.yaml: cannot be read: permission denied")


def test_all_problems_at_once_in_order_of_the_file(refused):
    lines = refused(
        "seed: abc\n"
        "scale: 3\n"
        "sclae: 1\n"
        "start: 2030\n"
        "end: 2020\n"
        "parameters:\n  chain: {spn: 1}\n"
        "policies:\n  rd_grants: {rate: 5}\n"
    )
    assert [int(line.split(":")[1]) for line in lines] == [1, 2, 3, 5, 7, 9]


def test_a_rule_about_a_wrong_value_is_not_reported_twice(refused):
    (line,) = refused("start: 2050\nend: abc\n")
    assert "end: expected a whole number" in line


def test_at_most_twenty_problems(refused):
    lines = refused("".join(f"zzz{i}: 1\n" for i in range(25)))
    assert len(lines) == 21
    assert lines[19].startswith("x.yaml:20:1: ")
    assert lines[20] == "x.yaml: ... and 5 more"


def test_a_typo_of_a_needed_key_is_one_problem(refused, support):
    a, b = f"{{policy: {support}.Needy, raet: 1}}", f"{{policy: {support}.Needy}}"
    lines = refused(f"policies:\n  a: {a}\n  b: {b}\n", 3, "x.yaml", "--allow-code")
    assert len(lines) == 2
    assert f"unknown key of policy '{support}.Needy'; did you mean 'rate'?" in lines[0]
    assert lines[1] == "x.yaml:3:3: policies.b: needs 'rate', which has no default"


def test_an_override_does_not_move_the_place_of_a_section(refused, support):
    text = f"policies:\n  a: {{policy: {support}.Needy}}\n"
    more = ("--allow-code", "--set", "policies.a.strength=0.5")
    (line,) = refused(text, 3, "x.yaml", *more)
    assert line == "x.yaml:2:3: policies.a: needs 'rate', which has no default"


def test_only_a_likely_percentage_is_suggested(refused):
    (line,) = refused("policies: {closure: {level: 1.2}}\n")
    assert line.endswith("must be between 0 and 1, found 1.2")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("no.such.Thing", "cannot import 'no.such.Thing': ModuleNotFoundError: No module named"),
        ("os.path", "'os.path' is not a class derived from ydsim.Policy"),
        ("ydsim_test_broken.X", "cannot import 'ydsim_test_broken.X': SystemExit: no"),
        ("ydsim_test_odd.X", "cannot import 'ydsim_test_odd.X': GeneratorExit: no"),
    ],
)
def test_code_that_is_no_policy_is_one_line(refused, support, kind, said):
    text = f"policies: {{a: {{policy: {kind}}}}}\n"
    (line,) = refused(text, 3, "x.yaml", "--allow-code")
    assert line.startswith(f"x.yaml:1:24: policies.a.policy: {said}")


def test_the_file_name_must_give_a_name(refused):
    (line,) = refused("seed: 1\n", 3, "！.yaml")
    assert line.startswith("！.yaml: name: the file's name has no letters")


def test_control_characters_of_a_file_name_stay_on_one_line(folder, capsys):
    code, line = _said(capsys, "check", "a\n\x1b[31mb.yaml")
    assert code == 4
    assert "a\\n\\x1b[31mb.yaml" in line


@pytest.mark.parametrize("key", [key for key in REMOVED if not key.endswith("[]")])
def test_a_key_that_is_gone_is_said_to_be(refused, key):
    *path, last = key.split(".")
    text = "".join(f"{'  ' * depth}{part}:\n" for depth, part in enumerate(path))
    line = f"{len(path) + 1}:{2 * len(path) + 1}: {key}: {said_of(key)}"
    (said,) = refused(text + f"{'  ' * len(path)}{last}: 0\n")
    assert said.endswith(line)


def chinese(refused, text):
    """The lines in Chinese, of which each is about the place of the English one."""
    english = refused(text)
    with speak(catalogue("zh")):
        lines = refused(text)
    demand_chinese(lines, english)
    return lines


@pytest.mark.slow
@pytest.mark.parametrize("text", [t[1] for t in TEXTS], ids=[t[0] for t in TEXTS])
def test_a_line_in_chinese_is_about_the_same_place(refused, text):
    assert len(chinese(refused, text)) == 1


def test_a_rule_in_chinese_is_about_the_same_key(refused):
    lines = chinese(
        refused,
        "seed: abc\n"
        "sclae: 1\n"
        "parameters: {fund: {university_share: 0.7}}\n"
        "policies:\n  rd_grants: {start: 2020, end: 2015}\n",
    )
    assert len(lines) == 4
    (line,) = chinese(refused, "start: 2050\nend: abc\n")
    assert "整数" in line
