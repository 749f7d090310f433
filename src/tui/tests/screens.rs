//! Whole screens.

use super::*;
use crate::align::Method;
use crate::episode::Chapter;
use crate::time::Span;
use crate::tui::{Notice, Progress};
use insta::assert_snapshot;

#[test]
fn article_while_a_sentence_is_spoken() {
    assert_snapshot!(styled(&english(6_000)), @r"
    An episode
    .. .......


      The Machine in the Closet
      *** ******* ** *** ******

      By Ruth Callaway
      uu uuuu uuuuuuuu

      On Jan. 20, 2025, the river came over the roads of Mill County and the
      SS SSSS SSS SSSSS WWW SSSSS SSSS SSSS SSS SSSSS SS SSSS SSSSSS SSS SSS
      courthouse went dark. An hour later the phones died too. By evening
      SSSSSSSSSS SSSS SSSSS
      1,400 people were asleep in the high school, and nobody outside the
      county could reach them.

      + This show is brought to you by nobody at all.
      . ++++ ++++ ++ +++++++ ++ +++ ++ ++++++ ++ ++++

      What “open” means
      TTTT TTTTTT TTTTT

      • A model you rent lives in someone else’s house, and answers when its
      .
        owner lets it.
      • A model you keep is yours.
      .


    ────────────────────────────────────────────────────────────────────────────
    BBBBBBBBBBBBBW**************************************************************
    ► 0:06 / 0:33  1.0×  100 %
    a pppp . ....  ....  ... .
    space pause   ? help   [ sentence back   / search   b bookmark   v view
    ..... .....   . ....   . ........ ....   . ......   . ........   . ....
    ");
}

#[test]
fn chinese() {
    assert_snapshot!(picture(&app(sample::chinese(), (80, 24), 12_000)), @r"
    An episode

      儲藏室裡的那臺機器

      作者：露絲．卡洛韋

      2025年1月20日，河水漫過米爾郡的道路，法院大樓的燈全滅了。一個小時後，電
      話也斷了。到了傍晚，已有1,400人睡在那所高中裡，郡外的人誰也聯絡不上他
      們。

      「開放」是什麼意思

      「我們選它，不是因為它最好，」郡書記官海倫．馬許說。Gemini 2.5 Pro是租來
      的模型；深度求索(DeepSeek)則可以留下來。







    ────────────────────────────────────────────────────────────────────────────
    ► 0:12 / 0:36  1.0×  100 %
    space pause   ? help   [ sentence back   / search   b bookmark   v view
    ");
}

#[test]
fn small_screen() {
    assert_snapshot!(styled(&app(sample::chinese(), (40, 10), 9_000)), @r"
     2025年1月20日，河水漫過米爾郡的道
     SSSSS SS SSS S S S S S S S S S S
     路，法院大樓的燈全滅了。一個小時後，
     S S S S S S WWS S S S S
     電話也斷了。到了傍晚，已有1,400人睡
     在那所高中裡，郡外的人誰也聯絡不上他
     們。

     「開放」是什麼意思
     T T T T T T T T T
    ──────────────────────────────────────
    BBBBBBBBBW****************************
    ► 0:09 / 0:36  1.0×  100 %
    a pppp . ....  ....  ... .
    ");
}

#[test]
fn too_small() {
    assert_snapshot!(picture(&app(sample::chinese(), (39, 10), 0)).trim_end(), @"too small: 40 × 10 is needed");
    assert_snapshot!(picture(&app(sample::chinese(), (7, 1), 0)), @"too sma");
    assert_snapshot!(picture(&app(sample::chinese(), (20, 4), 0)).trim_end(), @r"
    too small:
    40 × 10
    is needed
    ");
    assert_eq!(picture(&app(sample::chinese(), (1, 1), 0)).len(), 1);
}

#[test]
fn hard_scripts() {
    assert_snapshot!(picture(&app(sample::mixed(), (40, 16), 2_000)), @r"
    An episode

     Café naïve 你好，世界！ שלום עולם
     مرحبا abc 👩‍👩‍👧‍👦🇹🇼 ẹ́̂.ภาษาไทยไม่เว้นวรรคเลย
     สักนิดเดียวจริงๆ नमस्ते दुनिया ｶﾞｷﾞ zero
     widthsoft.







    ──────────────────────────────────────
    ► 0:02 / 0:15  1.0×  100 %
    space pause   ? help   [ sentence back
    ");
}

fn bilingual(size: (u16, u16)) -> App {
    let reading = sample::english();
    let length = reading.transcript.audio.duration.unwrap_or_default();
    let translation = Some(sample::translation().into_iter().map(|text| text.map(str::to_owned)).collect());
    let setup = Setup { title: "An episode".into(), reading, has_article: true, translation, length, ..Setup::default() };
    let mut app = App::new(setup, size);
    at(&mut app, 6_000);
    app
}

#[test]
fn two_languages_side_by_side() {
    assert_snapshot!(styled(&bilingual((110, 20))), @r"
    An episode
    .. .......

     The Machine in the Closet                             儲藏室裡的那臺機器
     *** ******* ** *** ******                             h h h h h h h h h

     By Ruth Callaway
     uu uuuu uuuuuuuu

     On Jan. 20, 2025, the river came over the roads of    2025年1月20日，河水漫過米爾郡的道路，法院大樓的燈
     SS SSSS SSS SSSSS WWW SSSSS SSSS SSSS SSS SSSSS SS    SSSSS SS SSS S S S S S S S S S S S S S S S S S S
     Mill County and the courthouse went dark.             全滅了。
     SSSS SSSSSS SSS SSS SSSSSSSSSS SSSS SSSSS             S S S S
     An hour later the phones died too.                    一個小時後，電話也斷了。
                                                           + + + + + + + + + + + +
     By evening 1,400 people were asleep in the high       到了傍晚，已有1,400人睡在那所高中裡，郡外的人誰也
                                                           + + + + + + + ++++++ + + + + + + + + + + + + + +
     school, and nobody outside the county could reach     聯絡不上他們。
                                                           + + + + + + +
     them.

     + This show is brought to you by nobody at all.
     . ++++ ++++ ++ +++++++ ++ +++ ++ ++++++ ++ ++++



    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    BBBBBBBBBBBBBBBBBBBW**************************************************************************************
    ► 0:06 / 0:33  1.0×  100 %
    a pppp . ....  ....  ... .
    space pause   ? help   [ sentence back   / search   b bookmark   v view   < slower   > faster   e export
    ..... .....   . ....   . ........ ....   . ......   . ........   . ....   . ......   . ......   . ......
    ");
}

#[test]
fn two_languages_one_below_the_other() {
    assert_snapshot!(picture(&bilingual((80, 24))), @r"
    An episode

      The Machine in the Closet
        儲藏室裡的那臺機器

      By Ruth Callaway

      On Jan. 20, 2025, the river came over the roads of Mill County and the
      courthouse went dark.
        2025年1月20日，河水漫過米爾郡的道路，法院大樓的燈全滅了。
      An hour later the phones died too.
        一個小時後，電話也斷了。
      By evening 1,400 people were asleep in the high school, and nobody
      outside the county could reach them.
        到了傍晚，已有1,400人睡在那所高中裡，郡外的人誰也聯絡不上他們。

      + This show is brought to you by nobody at all.

      What “open” means


    ────────────────────────────────────────────────────────────────────────────
    ► 0:06 / 0:33  1.0×  100 %
    space pause   ? help   [ sentence back   / search   b bookmark   v view
    ");
}

#[test]
fn a_large_screen() {
    assert_snapshot!(picture(&bilingual((200, 60))), @r"
    An episode

                                        + You are listening to Plain Terms, a weekly column.

                                        The Machine in the Closet                                       儲藏室裡的那臺機器

                                        By Ruth Callaway

                                        On Jan. 20, 2025, the river came over the roads of Mill         2025年1月20日，河水漫過米爾郡的道路，法院大樓的燈全滅了。
                                        County and the courthouse went dark.
                                        An hour later the phones died too.                              一個小時後，電話也斷了。
                                        By evening 1,400 people were asleep in the high school, and     到了傍晚，已有1,400人睡在那所高中裡，郡外的人誰也聯絡不上他
                                        nobody outside the county could reach them.                     們。

                                        + This show is brought to you by nobody at all.

                                        What “open” means                                               「開放」是什麼意思

                                        • A model you rent lives in someone else’s house, and           你租來的模型住在別人家裡，主人准許時才回答。
                                          answers when its owner lets it.
                                        • A model you keep is yours.                                    你留下的模型是你的。

                                        │ “We didn’t choose it because it was the best,” said Helen     「我們選它，不是因為它最好，」海倫．馬許說。
                                        │ Marsh.

                                          The Mill County courthouse on Jan. 22.































    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    ► 0:06 / 0:33  1.0×  100 %
    space pause   ? help   [ sentence back   / search   b bookmark   v view   < slower   > faster   l dictation   e export   q quit
    ");
}

#[test]
fn written_and_heard() {
    let mut app = app(sample::misheard(), (100, 16), 500);
    press(&mut app, "v v");
    at(&mut app, 500);
    assert_snapshot!(styled(&app), @r"
    An episode                                                                     written and heard
    .. .......                                                                     ....... ... .....

     Flood
     *****

     The river came over the road.                    the river came over roads
     SSS WWWWW SSSS SSSS *** ****S                    SSS SSSSS SSSS SSSS xxxxx
     All the lights went out.                         and it lights went out
     *** ***                                          xxx xx ++++++ ++++ +++







    ────────────────────────────────────────────────────────────────────────────────────────────────
    BBBBBBBBBBBBW***********************************************************************************
    ► 0:00 / 0:03  1.0×  100 %
    a pppp . ....  ....  ... .
    the article, and what was heard
    ppp pppppppp ppp pppp ppp ppppp
    ");
}

#[test]
fn transcript() {
    let mut app = app(sample::misheard(), (60, 16), 500);
    press(&mut app, "v");
    at(&mut app, 500);
    assert_snapshot!(picture(&app), @r"
    An episode                                    transcript

    the river came over roads and it lights went out










    ────────────────────────────────────────────────────────
    ► 0:00 / 0:03  1.0×  100 %
    the transcript: what was heard
    ");
}

#[test]
fn searching() {
    let mut app = english(6_000);
    press(&mut app, "/ 'model");
    at(&mut app, 6_000);
    assert_snapshot!(styled(&app), @r"
    An episode
    .. .......


      + This show is brought to you by nobody at all.
      . ++++ ++++ ++ +++++++ ++ +++ ++ ++++++ ++ ++++

      What “open” means
      TTTT TTTTTT TTTTT

    ▸ • A model you rent lives in someone else’s house, and answers when its
    a .   !!!!!
        owner lets it.
      • A model you keep is yours.
      .   ?????

      │ “We didn’t choose it because it was the best,” said Helen Marsh.
      .

        The Mill County courthouse on Jan. 22.
        uuu uuuu uuuuuu uuuuuuuuuu uu uuuu uuu






                                                       ▾           ▾
                                                       *           *
    ────────────────────────────────────────────────────────────────────────────
    BBBBBBBBBBBBBW**************************************************************
    ► 0:06 / 0:33  1.0×  100 %                               hit 1/2 · f follows
    a pppp . ....  ....  ... .                               ... ... . . .......
    search: model                                                         1 of 2
    aaaaaaa pppppW                                                        . .. .
    ");
}

#[test]
fn help() {
    let mut app = english(0);
    press(&mut app, "? j j");
    assert_snapshot!(picture(&app), @r"
    An episode
               ╭─ Keys ────────────────────────────────────────────╮
      + You are│ ←                5 s back                         │
               │ →                5 s forward                      │
      The Machi│ shift-←          30 s back                        │
               │ shift-→          30 s forward                     │
      By Ruth C│ [                sentence back                    │
               │ ]                sentence forward                 │
      On Jan. 2│ {                paragraph back                   │ and the
      courthous│ }                paragraph forward                │ening
      1,400 peo│ ,                word back                        │e the
      county co│ .                word forward                     │
               │ r                say this sentence again          │
      + This sh│ A                loop: begins, ends, is off       │
               │ 0 … 9            go to a tenth of it              │
      What “ope│ g                go to a time or share (gg: top)  │
               │ enter            play from this line, or a click  │
      • A model│                                                   │when its
        owner l│ Sound                                             │
               │ < -              slower                           │
               │ > +              faster                           │
    ───────────│ =                as fast as recorded              │────────────
    ► 0:00 / 0:╰─ j k scroll, Esc closes ──────────────────────────╯
    space pause   ? help   [ sentence back   / search   b bookmark   v view
    ");
}

#[test]
fn help_on_a_wide_screen() {
    let mut app = app(sample::english(), (120, 40), 0);
    press(&mut app, "?");
    assert_snapshot!(picture(&app), @r"
    An episode

                          + You are listening to Plain Terms, a weekly column.

                          The Machine in the Closet

         ╭─ Keys ────────────────────────────────────────────────────────────────────────────────────────────────╮
         │ Listening                                                                                             │
         │ space            play, pause                        Finding and keeping                               │
         │ ←                5 s back                           /                search                           │
         │ →                5 s forward                        n                next hit                         │
         │ shift-←          30 s back                          N                previous hit                     │
         │ shift-→          30 s forward                       b                bookmark, with a note            │
         │ [                sentence back                      B                list of bookmarks                │
         │ ]                sentence forward                   y                copy this sentence and its time  │
         │ {                paragraph back                     c                save this sentence as sound      │
         │ }                paragraph forward                  e                write subtitles, text, bookmarks │
         │ ,                word back                                                                            │
         │ .                word forward                       Reading                                           │
         │ r                say this sentence again            j                a row down                       │
         │ A                loop: begins, ends, is off         k                a row up                         │
         │ 0 … 9            go to a tenth of it                ctrl-d pagedown  half a screen down               │
         │ g                go to a time or share (gg: top)    ctrl-u pageup    half a screen up                 │
         │ enter            play from this line, or a click    home             top of the text                  │
         │                                                     G end            end of the text                  │
         │ Sound                                               f esc            back to what is spoken           │
         │ < -              slower                             v                article, transcript, both        │
         │ > +              faster                             t                next theme                       │
         │ =                as fast as recorded                l                dictation: hidden until heard    │
         │ ↑                louder                             ? f1             this list                        │
         │ ↓                softer                             ctrl-z           back to the shell for a while    │
         │ m                mute                               q ctrl-c         quit                             │
         │ z                pause after 15, 30, 60 minutes                                                       │
         ╰─ j k scroll, Esc closes ──────────────────────────────────────────────────────────────────────────────╯



    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    ► 0:00 / 0:33  1.0×  100 %
    space pause   ? help   [ sentence back   / search   b bookmark   v view   < slower   > faster   l dictation   q quit
    ");
}

#[test]
fn bookmarks() {
    let mut app = english(6_000);
    press(&mut app, "b 'mind enter");
    at(&mut app, 9_000);
    press(&mut app, "b '記得 enter B k");
    assert_snapshot!(styled(&app), @r"
      An episode
      .. .......


        The Machine in the Closet
        *** ******* ** *** ******

        By Ruth Callaway
        uu uuuu uuuuuuuu

      ◆ On Jan. 20, 2025, the river came over the roads of Mill County and the
      B SS SSSS SSS SSSSS BBB SSSSS SSSS SSSS SSS SSSSS SS SSSS SSSSSS SSS WWW
        courthouse went dark. An hour later the phones died too. By evening
        SSSSSSSSSS SSSS SSSSS
        1,400 people were asleep in the high school, and nobody outside the
    ╭─ Bookmarks ──────────────────────────────────────────────────────────────────╮
    .. TTTTTTTTT ...................................................................
    │ 0:06  mind — On Jan. 20, 2025, the river came over the roads of Mill County… │
    . WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW .
    │ 0:09  記得 — On Jan. 20, 2025, the river came over the roads of Mill County… │
    . aaaa  p p  p pp pppp ppp ppppp ppp ppppp pppp pppp ppp ppppp pp pppp ppppppp .
    ╰─ Enter goes there, d deletes, e writes Markdown ─────────────────────────────╯
    .. ..... .... ...... . ........ . ...... ........ ..............................
        What “open” means
        TTTT TTTTTT TTTTT

        • A model you rent lives in someone else’s house, and answers when its
        .
          owner lets it.
        • A model you keep is yours.
        .

                   ◆      ◆
                   B      B
      ────────────────────────────────────────────────────────────────────────────
      BBBBBBBBBBBBBBBBBBBBW*******************************************************
      ► 0:09 / 0:33  1.0×  100 %
      a pppp . ....  ....  ... .
      bookmark at 0:09
      pppppppp pp pppp
    ");
}

#[test]
fn export_menu_on_a_small_screen() {
    let mut app = app(sample::english(), (40, 10), 0);
    press(&mut app, "e down");
    assert_snapshot!(picture(&app), @r"
      + You are listening to Plain Terms,
    ╭─ Write ──────────────────────────────╮
    │ srt    the episode in this format    │
    │ vtt    the episode in this format    │
    │ lrc    the episode in this format    │
    │ ass    the episode in this format    │
    │ ttml   the episode in this format    │
    │ json   the episode in this format    │
    ╰─ Enter writes it ────────────────────╯
     ► 0:00 / 0:33  1.0×  100 %
    ");
}

#[test]
fn everything_on_the_bar() {
    let mut app = app(sample::english(), (60, 16), 9_000);
    app.chapters = ["Start", "Meaning"]
        .into_iter()
        .zip([0, 14_000])
        .map(|(title, ms)| Chapter { start: Timestamp::from_millis(ms), title: title.into() })
        .collect();
    settled(&mut app, Event::Energy((0..=255).collect()));
    press(&mut app, "/ 'model enter b enter 2 A right right A z l < m");
    at(&mut app, 15_000);
    app.note = None;
    assert_snapshot!(picture(&app), @r"
    An episode                                     dictation

    On Jan. 20, 2025, the river came over the roads of Mill
    County and the courthouse went dark. An hour later the
    phones died too. By evening 1,400 people were asleep in
    the high ······, ··· ······ ······· ··· ······ ·····
    ····· ····.

    + ···· ···· ·· ······· ·· ··· ·· ······ ·· ···.

    ···· “····” ·····

               [           ╷    ]         ◆       ▾
    ▁▁▁▁▁▁▁▂▂▂▂▂▂▂▃▃▃▃▃▃▃▄▄▄▄▄▄▄▅▅▅▅▅▅▅▆▆▆▆▆▆▆▇▇▇▇▇▇▇███████
    ► 0:15 / 0:33  0.9×  muted  hit 1/2 · loop · sleep 14:59
    space pause   ? help   [ sentence back   / search
    ");
}

#[test]
fn what_is_recognised_and_what_is_a_guess() {
    let mut app = app(sample::english(), (60, 20), 8_000);
    let spans = vec![Span::from_millis(0, 5_000), Span::from_millis(7_000, 12_000)];
    let length = app.length;
    settled(&mut app, Event::Progress(Progress { recognised: spans, length, speed: 11.6 }));
    settled(&mut app, Event::Notice(Notice::Trouble("no sound card: going on silently".into())));
    assert_snapshot!(picture(&app), @r"
      An episode                   ~ listening ahead 30 %, 12×

      The Machine in the Closet

      By Ruth Callaway

      On Jan. 20, 2025, the river came over the roads of Mill
      County and the courthouse went dark. An hour later the
    ~ phones died too. By evening 1,400 people were asleep in
    ~ the high school, and nobody outside the county could
    ~ reach them.

      + This show is brought to you by nobody at all.

    ~ What “open” means


      ─────────╌╌╌─────────╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌
      ► 0:08 / 0:33  1.0×  100 %
      no sound card: going on silently
    ");
}

#[test]
fn an_estimate_says_so() {
    let mut reading = sample::english();
    reading.alignment.method = Method::Estimate;
    let text = picture(&app(reading, (60, 16), 8_000));
    assert!(text.starts_with("  An episode                         ~ times are estimates\n"), "{text}");
}

#[test]
fn dictation_hides_what_was_not_heard() {
    let mut app = app(sample::english(), (60, 16), 5_000);
    press(&mut app, "l");
    at(&mut app, 7_000);
    app.note = None;
    assert_snapshot!(picture(&app), @r"
    An episode                                     dictation


    By Ruth Callaway

    On Jan. 20, 2025, the river came over the ····· ·· ····
    ······ ··· ··· ·········· ···· ····. ·· ···· ····· ···
    ······ ···· ···. ·· ······· ·,··· ······ ···· ······ ··
    ··· ···· ······, ··· ······ ······· ··· ······ ·····
    ····· ····.



    ────────────────────────────────────────────────────────
    ► 0:07 / 0:33  1.0×  100 %
    space pause   ? help   [ sentence back   / search
    ");
}

/// Without colours the meaning is in bold, underlined and reversed cells and in signs.
#[test]
fn bare() {
    let mut app = with_theme(app(sample::english(), (60, 16), 6_000), "bare");
    press(&mut app, "/ 'river enter");
    at(&mut app, 6_000);
    app.note = None;
    let mut buffer = Buffer::empty(Rect::new(0, 0, 60, 16));
    app.draw(&mut buffer);
    assert!(buffer.content.iter().all(|cell| cell.style().fg.is_none_or(|fg| fg == ratatui_core::style::Color::Reset)));
    assert_snapshot!(rows(&buffer).join("\n"), @r"
      An episode


    ╎ By Ruth Callaway

      On Jan. 20, 2025, the river came over the roads of Mill
      County and the courthouse went dark. An hour later the
      phones died too. By evening 1,400 people were asleep in
      the high school, and nobody outside the county could
      reach them.


                ▾
      ────────────────────────────────────────────────────────
      ► 0:06 / 0:33  1.0×  100 %                       hit 1/1
      space pause   ? help   [ sentence back   / search
    ");
}
