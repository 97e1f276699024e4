"""The command line: what it reads, what it writes, and what it says of files that it cannot use."""

import sys

import numpy as np
import pytest

import skdomain
from skdomain.cli import main
from skdomain.cli._pair_of_files import standardised_numbers
from skdomain.cli._shared_columns import Features

pandas = pytest.importorskip("pandas")


def table(n, seed, *, moved=False, noise=1.0):
    """Two measurements that tell the label, one with gaps, and a category; truth as `label`."""
    rng = np.random.default_rng(seed)
    label = np.where(np.arange(n) % 2, "faulty", "good")
    values = noise * rng.normal(size=(n, 3)) + np.outer(label == "faulty", [4, 2, 0])
    if moved:
        values = values * [2, 0.5, 1] + [5, -3, 1]
    frame = pandas.DataFrame(values.round(3), columns=["current", "noise", "heat"])
    frame.loc[3, "heat"] = np.nan
    frame["plant"] = rng.choice(["a", "b"], n)
    frame.loc[4, "plant"] = None
    return frame.assign(label=label)


@pytest.fixture
def files(tmp_path):
    """Paths of a source and a target file, which tests may write anew, in a folder of their own."""
    source, target = tmp_path / "source.csv", tmp_path / "target.csv"
    table(60, 0).to_csv(source, index=False)
    table(50, 1, moved=True).drop(columns="label").to_csv(target, index=False)
    return source, target


def run(*arguments):
    return main([str(each) for each in arguments])


def report(files, *more):
    return run("report", *files, "--label", "label", "--permutations", 9, *more)


# -- What is written ----------------------------------------------------------------------------


def test_adapt_predicts_what_the_moved_rows_are(files, tmp_path, capsys):
    out, page = tmp_path / "out.csv", tmp_path / "page.html"
    table(120, 0).to_csv(files[0], index=False)
    table(100, 1, moved=True).drop(columns="label").to_csv(files[1], index=False)
    assert run("adapt", *files, "--label", "label", "--out", out, "--report", page) == 0
    told = capsys.readouterr()
    assert told.out.startswith("skdomain adapts by ")
    assert "accuracy on the target is expected to be" in told.out
    assert "SafeTransfer" in told.err  # the progress bar
    assert "SafeTransfer" not in told.out
    written = pandas.read_csv(out)
    truth = table(100, 1).label
    assert (written.predicted_label == truth).mean() > 0.9
    assert list(written)[-2:] == ["probability_faulty", "probability_good"]
    np.testing.assert_allclose(written.probability_faulty + written.probability_good, 1)
    surer = np.where(written.probability_good > 0.5, "good", "faulty")
    assert (surer == written.predicted_label).all()
    text = page.read_text()
    assert text.count("<svg") == 1
    assert "adapts by" in text
    assert [*tmp_path.glob(".*")] == []  # no part is left behind


def test_the_target_table_is_handed_on_as_it_was_written(files, tmp_path, capsys):
    """Leading zeros, digits and empty cells stay; a label that the target has is not read."""
    out, target = tmp_path / "out.csv", files[1]
    frame = table(50, 1).assign(label="unknown")
    frame.insert(0, "number", [f"{k:03d}" for k in range(50)])
    frame.to_csv(target, index=False, float_format="%.4f", encoding="utf-8-sig")
    table(60, 0).assign(number=0).to_csv(files[0], index=False)
    more = ["--ignore", "number", "--quiet", "--rows", 40]
    assert run("adapt", *files, "--label", "label", "--out", out, *more) == 0
    assert "has a column 'label', too; it is not read" in capsys.readouterr().err
    given, written = target.read_bytes().splitlines(), out.read_bytes().splitlines()
    assert len(given) == len(written) == 51
    assert all(new.startswith(old) for old, new in zip(given, written, strict=True))


def test_numbers_are_predicted_where_the_label_holds_numbers(files, tmp_path, capsys):
    out = tmp_path / "out.tsv"
    frame = table(60, 0)
    frame["label"] = 2.5 * frame.current + 0.25
    frame.to_csv(files[0], index=False)
    assert run("adapt", *files, "--label", "label", "--out", out, "--quiet") == 0
    told = capsys.readouterr()
    assert "is taken for numbers; --task classes" in told.err
    assert "SafeTransfer" not in told.err
    written = pandas.read_csv(out, sep="\t")
    assert list(written)[-1] == "predicted_label"
    assert np.corrcoef(written.predicted_label, written.current)[0, 1] > 0.8


def test_report_says_which_columns_moved_and_writes_a_page(files, tmp_path, capsys):
    page = tmp_path / "page.html"
    assert report(files, "--out", page) == 0
    told = capsys.readouterr().out
    assert "The files differ by more than chance" in told
    assert "plant" not in told.splitlines()[0]
    text = page.read_text()
    assert text.count("<svg") == text.count("</svg>") == 2
    assert "<script" not in text
    assert "<?xml" not in text
    assert report(files, "--out", page) == 0
    assert page.read_text() == text  # the same files, the same page


def test_report_finds_nothing_between_halves_of_one_table(files, capsys):
    frame = table(80, 0).drop(columns="label")
    frame[::2].to_csv(files[0], index=False)
    frame[1::2].assign(current=frame.current[::2].to_numpy()).to_csv(files[1], index=False)
    assert run("report", *files, "--ignore", "noise", "--permutations", 199) == 0
    assert "no difference that chance would not" in capsys.readouterr().out


def test_names_are_text_on_the_page(files, tmp_path):
    """Neither HTML nor a formula."""
    name, page = "<b>5 $ & 6 $_</b>", tmp_path / "page.html"
    files = [path.rename(path.with_stem(f"<b>{path.stem}")) for path in files]
    for path in files:
        pandas.read_csv(path).rename(columns={"current": name}).to_csv(path, index=False)
    assert report(files, "--out", page) == 0
    assert "<b>" not in page.read_text()


def test_parquet_is_read_and_written_as_text_is(files, tmp_path, capsys):
    pytest.importorskip("pyarrow")
    paths = [path.with_suffix(".parquet") for path in files]
    for path, new in zip(files, paths, strict=True):
        pandas.read_csv(path).to_parquet(new)
    assert report(files) == report(paths) == 0
    told = capsys.readouterr().out
    assert told[: len(told) // 2] == told[len(told) // 2 :]
    out = tmp_path / "out.parquet"
    table(50, 1).to_parquet(paths[1])
    assert run("adapt", *paths, "--label", "label", "--out", out, "--quiet") == 0
    frame = pandas.read_parquet(out)
    pandas.testing.assert_frame_equal(frame.iloc[:, :5], table(50, 1))
    assert (frame.predicted_label == frame.label).mean() > 0.9


# -- What cannot be used ------------------------------------------------------------------------


def rewritten(change):
    """Write the target file as a function changes its frame."""

    def write(source, target):
        change(pandas.read_csv(target)).to_csv(target, index=False)

    return write


def text_row(frame):
    return frame.assign(heat=["1.0"] * 7 + ["n/a?"] + ["1.0"] * 42)


BROKEN = {
    "empty": (lambda s, t: t.write_bytes(b""), "target.csv is empty"),
    "no rows": (lambda s, t: t.write_text("a,b\n"), "column names and no rows"),
    "no file": (lambda s, t: t.unlink(), "target.csv is no file"),
    "encoding": (
        lambda s, t: t.write_bytes(t.read_bytes().replace(b"heat", "Wärme".encode("cp1252"))),
        "is not text in the encoding 'utf-8'; save it as 'CSV UTF-8'",
    ),
    "a long row": (
        lambda s, t: t.write_text("current,noise\n1,2\n1,2,3\n"),
        "is no table with ',' between",
    ),
    "long rows": (lambda s, t: t.write_text("current,noise\n1,2,3\n1,2,3\n"), "is no table with"),
    "semicolons": (
        lambda s, t: t.write_text(t.read_text().replace(",", ";")),
        "is ';' between its columns? Then say --separator ';'",
    ),
    "other columns": (
        rewritten(lambda frame: frame.rename(columns={"heat": "warmth"})),
        "only {source} has 'heat'; only {target} has 'warmth'",
    ),
    "text for numbers": (
        rewritten(text_row),
        "'heat' holds numbers in {source}, but text in row 8 below the names, 'n/a?', in {target}",
    ),
    "infinite": (rewritten(lambda frame: frame.assign(heat=np.inf)), "infinite"),
    "twice": (
        lambda s, t: t.write_text(t.read_text().replace("noise", "heat", 1)),
        "only {source} has 'noise'",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("command", ["report", "adapt"])
def test_a_broken_file_is_told_in_a_line_and_nothing_is_written(
    command, fault, files, tmp_path, capsys
):
    breaks, message = BROKEN[fault]
    breaks(*files)
    left = {path: path.read_bytes() for path in tmp_path.iterdir()}
    out = tmp_path / {"report": "out.html", "adapt": "out.csv"}[command]
    assert run(command, *files, "--label", "label", "--out", out) == 1
    told = capsys.readouterr()
    assert told.out == ""
    message = message.format(source=files[0], target=files[1])
    assert message in told.err
    assert told.err.startswith("skdomain: ")
    assert told.err.count("\n") == 1
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == left


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (lambda frame: frame.label.where(frame.label == "good"), "is 'good' in all rows"),
        (lambda frame: None, "has no values"),
        (lambda frame: [f"note {k}" for k in range(60)], "has another text in most rows"),
    ],
    ids=["one class", "nothing", "notes"],
)
def test_a_label_that_cannot_be_learnt_is_refused(label, message, files, tmp_path, capsys):
    frame = pandas.read_csv(files[0])
    frame.assign(label=label(frame)).to_csv(files[0], index=False)
    assert run("adapt", *files, "--label", "label", "--out", tmp_path / "out.csv") == 1
    assert message in capsys.readouterr().err


def test_a_misspelt_label_is_met_with_a_guess(files, tmp_path, capsys):
    assert run("adapt", *files, "--label", "lable", "--out", tmp_path / "out.csv") == 1
    assert "Is 'label' meant?" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["predicted_label", "probability_good"])
def test_a_column_of_a_name_that_predictions_get_is_refused(name, files, tmp_path, capsys):
    for path in files:
        pandas.read_csv(path).assign(**{name: 1}).to_csv(path, index=False)
    assert run("adapt", *files, "--label", "label", "--out", tmp_path / "out.csv") == 1
    assert f"has a column {name!r} already; rename it" in capsys.readouterr().err


def test_a_file_that_is_no_parquet_is_refused(files, capsys):
    pytest.importorskip("pyarrow")
    path = files[1].with_suffix(".parquet")
    path.write_bytes(b"nothing of the kind")
    assert report([files[0], path]) == 1
    assert "cannot be read as Parquet" in capsys.readouterr().err


def test_an_input_is_never_written_over(files, tmp_path, capsys):
    """By its own name, by another way there, or by a link; nor one output over the other."""
    link = tmp_path / "link.csv"
    link.hardlink_to(files[0])
    (tmp_path / "folder").mkdir()
    before = [path.read_bytes() for path in files]
    for out in (files[1], tmp_path / "folder" / ".." / "target.csv", link):
        assert run("adapt", *files, "--label", "label", "--out", out) == 1
        assert "is an input, too" in capsys.readouterr().err
    out = tmp_path / "out.csv"
    assert run("adapt", *files, "--label", "label", "--out", out, "--report", out) == 1
    assert "is another output, too" in capsys.readouterr().err
    assert [path.read_bytes() for path in files] == before


def test_a_failure_while_writing_leaves_the_old_file(files, tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.html"
    page.write_text("old")

    def stopped(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", stopped)
    assert report(files, "--out", page) == 1
    assert capsys.readouterr().err == "skdomain: disk full\n"
    assert page.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "page.html",
        "source.csv",
        "target.csv",
    ]


def test_columns_that_say_nothing_are_left_out_and_told(files, capsys):
    for path in files:
        frame = pandas.read_csv(path)
        frame["serial"] = [f"no {k}" for k in range(len(frame))]
        frame["gap"] = None
        frame.to_csv(path)  # with the row numbers, which have no name
    assert report(files) == 0
    told = capsys.readouterr()
    for name in ("serial", "gap", "Unnamed: 0"):
        assert f"column {name!r} is left out" in told.err
        assert name not in told.out


def test_gaps_and_categories_become_numbers():
    """By hand: median 2 and its indicator, standardised; what is missing is a category."""
    frame = pandas.DataFrame({"size": [1.0, np.nan, 2, 9], "plant": ["a", "b", None, "a"]})
    numbers = standardised_numbers(frame, Features(["size"], ["plant"], []))
    size = np.array([1, 2, 2, 9]) - 3.5
    gap = np.array([-1, 3, -1, -1]) / 3**0.5
    np.testing.assert_allclose(numbers[:, 0], size / size.std())
    np.testing.assert_allclose(numbers[:, 1], gap)
    assert numbers[:, 2:].tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]]


def test_a_missing_package_is_named_with_what_installs_it(files, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert report(files) == 3
    assert "pip install 'skdomain[cli]'" in capsys.readouterr().err


def test_without_matplotlib_the_page_has_no_figures(files, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    page = tmp_path / "page.html"
    assert report(files, "--out", page) == 0
    assert "<svg" not in page.read_text()
    assert "<table>" in page.read_text()
    assert capsys.readouterr().err.count("note: the page has no figures without matplotlib") == 1


def test_notes_do_not_speak_of_parameters_that_the_command_line_chose(tmp_path, capsys):
    """Two columns of which one is a multiple of the other have one component."""
    source, target = tmp_path / "source.csv", tmp_path / "target.csv"
    size = np.tile([1.0, 2.0], 12) + np.arange(24) / 100
    frame = pandas.DataFrame({"size": size, "double": 2 * size})
    frame.assign(label=np.tile(["a", "b"], 12)).to_csv(source, index=False)
    (frame + 5).to_csv(target, index=False)
    assert run("adapt", source, target, "--label", "label", "--out", tmp_path / "out.csv") == 0
    assert "n_components" not in capsys.readouterr().err


def test_wrong_arguments_exit_with_2_and_version_with_0(capsys):
    for arguments in ([], ["adapt", "a.csv", "b.csv"], ["report", "a", "b", "--permutations", "0"]):
        with pytest.raises(SystemExit) as stopped:
            run(*arguments)
        assert stopped.value.code == 2
    with pytest.raises(SystemExit) as stopped:
        run("--version")
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"skdomain {skdomain.__version__}\n"


def test_an_interruption_has_an_exit_code_of_its_own(files, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("skdomain.cli._report_command.domain_report", interrupted)
    assert report(files) == 130
