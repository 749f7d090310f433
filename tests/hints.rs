//! What did not work, and what helps: each on a line of its own.

use crate::util::Desk;

#[test]
fn the_way_out_stands_apart_from_the_reason() {
    let desk = Desk::new();
    desk.put("a.srt", "1\n00:00:01,000 --> 00:00:02,000\nHi.\n");
    desk.put("a.txt", "A text.\n");
    desk.put("a.pdf", "%PDF-1.7\n");
    for (arguments, code, why, hint) in [
        (&["man", "x"][..], 2, "there is no command `x`", "`aloud --help` lists them"),
        (&["cache", "rm", "x"], 5, "nothing is remembered of `x`", "`aloud cache list` shows"),
        (&["queue", "rm", "3"], 2, "nothing stands at place 3", "`aloud queue` lists 0"),
        (&["models", "verify", "bse"], 2, "no model is called `bse`", "did you mean `base`?"),
        (&["models", "verify", "base"], 1, "is not on this machine", "models pull base` (148 MB)"),
        (&["subs", "a.srt"], 2, "`a.srt` holds subtitles, no sound", "`--check` judges them"),
        (&["subs", "--fix", "a.srt", "-o", "b.txt"], 2, "`txt` is neither", "name the file `.srt`"),
        (&["align", "a.pdf", "a.txt"], 3, "it is a PDF document", "the file that holds the sound"),
        (&["transcribe", "a.pdf", "--script", "x"], 2, "`x` is no script", "use hant, hans or as"),
        (&["transcribe", "a.pdf", "-l", "xx"], 2, "unknown language `xx`", "one of: af am "),
        (&["find", "?!", "a.pdf"], 2, "nothing in `?!` that can be said", "give a word or more"),
        (&["feed", "get", "x"], 5, "no show is followed", "`aloud feed add URL` does that"),
        (&["notes"], 5, "there are no notes yet", "`b` in the player sets one"),
    ] {
        desk.aloud(arguments).code(code).fails(why, hint);
    }
    // What wraps an error hands its hint on.
    desk.aloud(&["read", "a.txt", "--chapter", "2"])
        .code(3)
        .fails("cannot use the article `a.txt`: `2` names a chapter", "leave `--chapter` out");
    // Without a way out there is no such line.
    let ran = desk.aloud(&["align", "none.wav", "a.txt"]).code(3);
    assert!(ran.says("cannot open `none.wav`").err().lines().count() == 1);
}
