"""`sotto say` as a user meets it: what it writes and prints, and one sentence for every mistake."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.cli.main import main
from engine.handle import EngineHandle
from tests.fakes.shared_engine import SharedEngine
from tests.fakes.tones import CODEC, FRAMES_A_WORD, ToneShelf, ToneVoice
from tests.fixtures.sound_card import PATIENCE_S, wait_for

WORD_S = FRAMES_A_WORD * CODEC.frame_samples / CODEC.sample_rate_hz


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineHandle]:
    shared = SharedEngine()
    shared.start()
    yield shared
    shared.close()


@pytest.fixture
def sotto(
    engine: EngineHandle, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Runs the command line in an empty folder: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, stdin: bytes | None = None) -> tuple[int, str, str]:
        if stdin is None:
            code = main(arguments, lambda: engine)
        else:
            code = run_with(stdin, arguments)
        return code, *capsys.readouterr()

    def run_with(stdin: bytes, arguments: tuple[str, ...]) -> int:
        reading, writing = os.pipe()

        def write() -> None:
            with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "wb") as pipe:
                pipe.write(stdin)  # to a reader that may have seen enough

        writer = threading.Thread(target=write)
        writer.start()
        code = main(arguments, lambda: engine, reading)
        os.close(reading)
        writer.join()
        return code

    return run


Sotto = Callable[..., tuple[int, str, str]]


def test_json_is_one_object_with_exactly_the_documented_keys(sotto: Sotto) -> None:
    code, out, err = sotto(
        "say", "--json", "--seed", "5", "hello there", "--out", "x.wav", "--voice", "tones"
    )
    assert (code, err) == (0, "")
    said = json.loads(out)
    assert " ".join(said) == "voice runtime device seed text audio_s frames ttfa_ms rtf frame_ms books"
    assert list(said["frame_ms"]) == ["p50", "p95", "p99"]
    assert (said["voice"], said["seed"], said["text"]) == ("tones", 5, "hello there")
    assert said["books"] == {str(CODEC.codebooks): said["frames"]}
    assert said["audio_s"] == pytest.approx(2 * WORD_S)
    samples, rate_hz = soundfile.read("x.wav", dtype="float32")
    spoken = np.concatenate(
        [chunk.samples for chunk in ToneVoice("tones", "cpu").stream("hello there", seed=5)]
    )
    assert rate_hz == CODEC.sample_rate_hz
    np.testing.assert_allclose(samples, spoken, atol=1e-4)


def test_words_that_were_left_out_are_a_sentence_and_an_exit_code(sotto: Sotto) -> None:
    code, out, err = sotto("say", "--json", "once never more", "--out", "x.wav", "--voice", "lapsing")
    assert (code, err) == (1, "sotto: The voice lapsed at 'never'.\n")
    assert json.loads(out)["audio_s"] == pytest.approx(2 * WORD_S)
    assert soundfile.info("x.wav").duration == pytest.approx(2 * WORD_S)


def test_the_books_of_late_frames_are_in_the_json(sotto: Sotto) -> None:
    code, out, _ = sotto("say", "--json", "two words more", "--out", "x.wav", "--voice", "late")
    assert code == 0
    assert json.loads(out)["books"] == {"32": 2 * FRAMES_A_WORD, "16": FRAMES_A_WORD}


def test_the_runtime_can_be_named(sotto: Sotto) -> None:
    code, out, _ = sotto("say", "--json", "--runtime", "torch", "hello", "--out", "x.wav", "--voice", "tones")
    assert code == 0
    assert json.loads(out)["runtime"] == "torch"
    _, out, _ = sotto("say", "--json", "hello", "--out", "x.wav", "--voice", "tones")
    assert json.loads(out)["runtime"] == "tones"


def test_words_need_no_quotes_and_the_answer_is_a_sentence(sotto: Sotto) -> None:
    code, out, err = sotto("say", "hello", "there", "--out", "x.wav", "--voice", "tones")
    assert (code, err) == (0, "")
    assert out.startswith("Wrote x.wav: 0.5 s with tones on cpu")


def test_standard_input_is_spoken(sotto: Sotto) -> None:
    text = "One two thrée.\nfour 😀 five\x00"
    code, out, _ = sotto("say", "-", "--json", "--out", "x.wav", "--voice", "tones", stdin=text.encode())
    assert code == 0
    assert json.loads(out)["text"] == text
    assert json.loads(out)["audio_s"] > 4 * WORD_S


def test_a_hundred_kilobytes_are_spoken(sotto: Sotto) -> None:
    code, out, err = sotto(
        "say", "-", "--json", "--out", "x.wav", "--voice", "tones", stdin=(b"w" * 499 + b" ") * 200
    )
    assert (code, err) == (0, "")
    assert json.loads(out)["frames"] >= 200 * FRAMES_A_WORD


MISTAKES = [
    (["say", ""], "The text is empty; give some words to speak."),
    (["say", " \n "], "The text is empty; give some words to speak."),
    (["say", "?!… 😀", "--out", "x.wav", "--voice", "tones"], "no words, only punctuation"),
    (["say", "\x01\x02\x1b", "--out", "x.wav", "--voice", "tones"], "control characters"),
    (["say", "你好,世界", "--out", "x.wav", "--voice", "tones"], "in CJK script"),
    (["say", "half \udcff a pair", "--out", "x.wav"], "not valid UTF-8"),
    (["say", "hello", "--out", "x.wav", "--voice", "nobody"], "There is no voice named 'nobody'"),
    (["say", "hello", "--out", "x.wav", "--voice", "torn"], "does not match its checksum"),
    (["say", "hello", "--out", "missing/x.wav"], "does not exist; create it"),
    (["say", "hello", "--out", "."], "is a folder; give the name"),
    (["say", "hello", "--out", "/proc/x.wav"], "cannot be written"),
    (["say", "hello", "--seed", "many"], "invalid int value: 'many'"),
    (["say", "--out", "x.wav"], "required: TEXT; see `sotto say --help`"),
    (["say", "-", "--fallback", "x.wav"], "--fallback needs the text on the command line"),
    (["say", "hello", "--out", "x.wav", "--fallback", "y.wav"], "not allowed with"),
    (["sing", "hello"], "invalid choice: 'sing'"),
    (["voices", "show", "nobody"], "There is no voice named 'nobody'; installed: tones."),
    (["voices", "verify", "torn"], "does not match its checksum"),
    (["voices", "remove", "tones"], "The voice 'tones' comes with the tests and stays."),
    (["voices", "remove"], "required: VOICE; see `sotto voices remove --help`"),
    (["voices", "download", "tones"], "Sotto has no voices to download yet"),
]

MISTAKES_WHERE_NOTHING_CAN_BE_PLAYED = [
    (
        ["say", "hello", "--fallback", "/dev/null/x.wav"],
        "/dev/null for --fallback cannot be made (File exists)",
    ),
    (["say", "hello", "--fallback", "/dev/null/new/x.wav"], "cannot be made (Not a directory)"),
    (["say", "hello", "--fallback", "/sys/new/x.wav"], "/sys/new for --fallback cannot be made ("),
    (["say", "hello", "--fallback", f"{'x' * 300}/x.wav"], "cannot be made (File name too long)"),
]


def assert_refused(sotto: Sotto, arguments: list[str], sentence: str) -> None:
    """One sentence, exit code 2, no file."""
    code, out, err = sotto(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("sotto: ")
    assert err.count("\n") == 1
    assert sentence in err
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(("arguments", "sentence"), MISTAKES_WHERE_NOTHING_CAN_BE_PLAYED)
def test_a_mistake_about_the_fallback_is_one_sentence_too(
    no_sound_card: None, sotto: Sotto, arguments: list[str], sentence: str
) -> None:
    assert_refused(sotto, arguments, sentence)


@pytest.mark.parametrize(("arguments", "sentence"), MISTAKES)
def test_a_mistake_is_one_sentence_exit_code_2_and_no_file(
    sotto: Sotto, arguments: list[str], sentence: str
) -> None:
    assert_refused(sotto, arguments, sentence)


@pytest.mark.parametrize(
    ("stdin", "sentence"),
    [
        (b"hello \xff\xfe world", "not valid UTF-8 (near byte 6)"),
        (b"an unfinished letter \xc3", "not valid UTF-8"),
        (b"", "The text is empty"),
        (b"words " * 200_000, "longer than 1000 kB"),
    ],
)
def test_a_mistake_on_standard_input_too(sotto: Sotto, stdin: bytes, sentence: str) -> None:
    code, out, err = sotto("say", "-", "--out", "x.wav", "--voice", "tones", stdin=stdin)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert sentence in err
    assert list(Path.cwd().iterdir()) == []


def test_standard_input_that_cannot_be_read(
    engine: EngineHandle, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = os.open("/", os.O_RDONLY)
    assert main(["say", "-", "--out", str(tmp_path / "x.wav")], lambda: engine, folder) == 2
    os.close(folder)
    assert capsys.readouterr().err == "sotto: Standard input cannot be read: Is a directory.\n"


def test_a_file_name_that_no_terminal_shows(sotto: Sotto) -> None:
    name = os.fsdecode(b"caf\xe9.wav")
    code, out, err = sotto("say", "hello", "--out", name, "--voice", "tones")
    assert (code, err) == (0, "")
    assert "caf\\udce9.wav" in out
    assert soundfile.info(os.fsencode(name)).frames == FRAMES_A_WORD * CODEC.frame_samples


def test_a_failure_of_sotto_itself_is_exit_code_1_with_its_cause(sotto: Sotto) -> None:
    code, out, err = sotto("say", "hello", "--out", "x.wav", "--voice", "failing")
    assert (code, out) == (1, "")
    assert "ZeroDivisionError" in err
    assert list(Path.cwd().iterdir()) == []


def test_the_fallback_is_written_where_nothing_can_be_played(
    no_sound_card: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "new" / "hello.wav"
    assert main(["say", "hello", "--fallback", str(path)], lambda: EngineHandle(ToneShelf)) == 0
    out, err = capsys.readouterr()
    assert "No sound device was found" in err
    assert out.startswith(f"Wrote {path}")
    assert soundfile.info(path).frames == FRAMES_A_WORD * CODEC.frame_samples


def test_the_fallback_is_written_where_the_sound_system_does_not_start(
    broken_sound_system: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "hello.wav"
    assert main(["say", "hello", "--fallback", str(path)], lambda: EngineHandle(ToneShelf)) == 0
    assert "The sound system does not answer" in capsys.readouterr().err
    assert soundfile.info(path).frames == FRAMES_A_WORD * CODEC.frame_samples


@contextlib.contextmanager
def program(*arguments: str, cwd: Path, under: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
    """`sotto` as a process group of its own, with voices that sound tones; where a test fails it ends as well."""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [*under, sys.executable, "-m", "tests.fakes.sotto_with_tones", *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            yield running
        except BaseException:
            os.killpg(running.pid, signal.SIGKILL)
            raise


def is_writing(folder: Path) -> bool:
    return any(path.suffix == ".part" and path.stat().st_size > 0 for path in folder.iterdir())


def test_ctrl_c_ends_quietly_with_130_and_leaves_no_file(tmp_path: Path) -> None:
    with program("say", "on", "--voice", "endless", "--out", "x.wav", cwd=tmp_path) as running:
        wait_for(lambda: is_writing(tmp_path), "the first audio")
        os.killpg(running.pid, signal.SIGINT)  # the whole group, as a terminal does
        out, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, out, err) == (130, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_group_that_is_told_to_end_leaves_no_file(tmp_path: Path, how: signal.Signals) -> None:
    """As `timeout` does, and a terminal that is closed: command line and engine hear it at the same time."""
    with program("say", "on", "--voice", "endless", "--out", "x.wav", cwd=tmp_path) as running:
        wait_for(lambda: is_writing(tmp_path), "the first audio")
        os.killpg(running.pid, how)
        _, err = running.communicate(timeout=PATIENCE_S)  # both pipes end only when the engine has ended too
    assert (running.returncode, err) == (-how, "")
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_ignores_the_hang_up_speaks_on(tmp_path: Path) -> None:
    """`nohup sotto say …` outlives its terminal."""
    with program(
        "say", "on", "--voice", "endless", "--out", "x.wav", cwd=tmp_path, under=["nohup"]
    ) as running:
        wait_for(lambda: is_writing(tmp_path), "the first audio")
        os.killpg(running.pid, signal.SIGHUP)
        (part,) = tmp_path.iterdir()
        written = part.stat().st_size
        wait_for(lambda: part.stat().st_size > written + 100_000, "more audio")
        os.killpg(running.pid, signal.SIGTERM)
        running.communicate(timeout=PATIENCE_S)
    assert list(tmp_path.iterdir()) == []


def test_a_command_line_that_is_killed_takes_its_engine_and_its_file_along(tmp_path: Path) -> None:
    with program("say", "on", "--voice", "endless", "--out", "x.wav", cwd=tmp_path) as running:
        wait_for(lambda: is_writing(tmp_path), "the first audio")
        running.kill()
        running.communicate(timeout=PATIENCE_S)  # both pipes end only when the engine process has ended too
    assert list(tmp_path.iterdir()) == []


def test_a_full_and_a_read_only_disk(tmp_path: Path) -> None:
    """A real file system without space, in a mount namespace of its own."""
    script = (
        'mount -t tmpfs -o size=32k tmpfs "$0" && cd "$0" && '
        '"$@" --out full.wav; echo $?; ls -A; mount -o remount,ro . && "$@" --out fixed.wav; echo $?'
    )
    sotto = [sys.executable, "-m", "tests.fakes.sotto_with_tones", "say", "several words are spoken here"]
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script, str(tmp_path), *sotto],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this machine allows no mount namespace: {done.stderr.strip()}")
    assert done.stdout.split() == ["2", "2"], done.stderr
    full, fixed = done.stderr.splitlines()
    assert "is full; free some space" in full
    assert "cannot be written to" in fixed
