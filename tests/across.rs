//! The demo column in two languages: what the accuracy bench prints is held here.

#[allow(dead_code, reason = "the bench prints what is only measured here")]
#[path = "../benches/accuracy/across.rs"]
mod measured;

use aloud::align::Belongs;
use aloud::align::across::across;

#[test]
fn nineteen_of_twenty_sentences_are_tied_to_the_right_one() {
    let at_least = |(right, all): (usize, usize), what: &str| {
        assert!(right * 100 >= all * 95, "{what}: {right} of {all}");
    };
    at_least(measured::tied_in_text(), "text to text");
    for percent in [0, 20] {
        let got = measured::measure(
            &across(&measured::chinese(), &measured::narration(percent)),
            &measured::chinese(),
        );
        at_least((got.right, got.all), &format!("{percent} % of words wrong: {:#?}", got.mistakes));
        assert!(got.wrong_s < 5.0 && measured::quantile(&got.starts, 0.9) < 0.5);
    }
    at_least(measured::tied_to_chinese(10, 0), "Chinese speech");
}

#[test]
fn what_does_not_belong_is_refused() {
    for (name, belongs, fit) in measured::fits() {
        assert_eq!(fit.belongs() == Belongs::Yes, belongs, "{name}: {fit}");
    }
}
