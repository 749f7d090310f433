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
      話也斷了。到了傍晚，已有1,400人睡在那所高中裡，郡外的人誰也聯絡不上
      他們。

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
     在那所高中裡，郡外的人誰也聯絡不上
     他們。

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
    let translation =
        Some(sample::translation().into_iter().map(|text| text.map(str::to_owned)).collect());
    let setup = Setup {
        title: "An episode".into(),
        reading,
        has_article: true,
        is_checked: true,
        translation,
        length,
        ..Setup::default()
    };
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
                                        By evening 1,400 people were asleep in the high school, and     到了傍晚，已有1,400人睡在那所高中裡，郡外的人誰也聯絡不上
                                        nobody outside the county could reach them.                     他們。

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
fn the_text_beside_is_searched_too() {
    for (phrase, want) in [
        ("電話也斷了", vec!["An hour later the phones died too."]),
        // What both texts have is found once.
        ("1,400", vec!["1,400"]),
        ("不存在的話", vec![]),
    ] {
        let mut app = bilingual((110, 20));
        press(&mut app, &format!("/ '{phrase}"));
        let text = &app.text.reading().article.text;
        let found: Vec<&str> = app.search.hits.iter().map(|hit| &text[hit.bytes.clone()]).collect();
        assert_eq!(found, want, "{phrase}");
    }
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
             ╭─ Keys ─────────────────────────────────────────────────╮
      + You a│ ←                 5 s back                             │
             │ →                 5 s forward                          │
      The Mac│ shift-←           30 s back                            │
             │ shift-→           30 s forward                         │
      By Ruth│ [                 sentence back                        │
             │ ]                 sentence forward                     │
      On Jan.│ {                 paragraph back                       │d the
      courtho│ }                 paragraph forward                    │ng
      1,400 p│ (                 chapter or heading back              │he
      county │ )                 chapter or heading forward           │
             │ C                 list of chapters and headings        │
      + This │ ,                 word back                            │
             │ .                 word forward                         │
      What “o│ r                 say this sentence again              │
             │ A                 loop: begins, ends, is off           │
      • A mod│ 0 … 9             go to a tenth of it                  │n its
        owner│ ctrl-o backspace  back to before a jump                │
             │ tab               and forward again                    │
             │ g                 go to a time or share (gg: top)      │
    ─────────│ enter             play from this line, or a click      │─────────
    ► 0:00 / ╰─ j k scroll, Esc closes ───────────────────────────────╯
    space pause   ? help   [ sentence back   / search   b bookmark   v view
    ");
}

#[test]
fn help_on_a_wide_screen() {
    let mut app = app(sample::english(), (120, 40), 0);
    press(&mut app, "?");
    assert_snapshot!(picture(&app), @r"
    An episode
    ╭─ Keys ──────────────────────────────────────────────────────────────────────────────────────────────────────────╮
    │ Listening                                                c                 save this sentence as sound          │
    │ space             play, pause                            e                 write subtitles, text, bookmarks     │
    │ ←                 5 s back                                                                                      │
    │ →                 5 s forward                            Reading                                                │
    │ shift-←           30 s back                              j                 a row down                           │
    │ shift-→           30 s forward                           k                 a row up                             │
    │ [                 sentence back                          pagedown ctrl-f   a screen down                        │
    │ ]                 sentence forward                       pageup ctrl-b     a screen up                          │
    │ {                 paragraph back                         ctrl-d            half a screen down                   │
    │ }                 paragraph forward                      ctrl-u            half a screen up                     │
    │ (                 chapter or heading back                home              top of the text                      │
    │ )                 chapter or heading forward             G end             end of the text                      │
    │ C                 list of chapters and headings          f esc             back to what is spoken               │
    │ ,                 word back                              v                 article, transcript, both            │
    │ .                 word forward                           t                 next theme                           │
    │ r                 say this sentence again                l                 dictation: hidden until heard        │
    │ A                 loop: begins, ends, is off             ? f1              this list                            │
    │ 0 … 9             go to a tenth of it                    M                 the last messages again              │
    │ ctrl-o backspace  back to before a jump                  ctrl-z            back to the shell for a while        │
    │ tab               and forward again                      q ctrl-c          quit                                 │
    │ g                 go to a time or share (gg: top)                                                               │
    │ enter             play from this line, or a click        Marks in the text                                      │
    │                                                          word              is heard now                         │
    │ Episodes                                                 sentence          is spoken now                        │
    │ o                 another episode, from the shelf        dim               was heard already                    │
    │ Q                 the queue: what is heard after this    dimmer ╎          is written, but nobody reads it      │
    │ ctrl-n            next of the queue                      line ?            doubtful: hardly found in the sound  │
    │ ctrl-p            the one before                         other             written and heard differ             │
    │                                                          hit               what was searched for                │
    │ Sound                                                    near              sounds or is spelled like it         │
    │ < -               slower                                 loop              is repeated                          │
    │ > +               faster                                 ~                 times are still a guess here         │
    │ =                 as fast as recorded                    +                 said, but not written                │
    │ ↑                 louder                                 ◆                 bookmark                             │
    │ ↓                 softer                                 ▸                 your row: Enter plays from it        │
    │ m                 mute                                   ····              hidden until it is heard (dictation) │─
    ╰─ j k scroll, Esc closes ────────────────────────────────────────────────────────────────────────────────────────╯
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
      space pause   ? help   [ sentence back   / search   b bookmark   v view
      ..... .....   . ....   . ........ ....   . ......   . ........   . ....
    ");
}

#[test]
fn export_menu_on_a_small_screen() {
    let mut app = app(sample::english(), (40, 10), 0);
    press(&mut app, "e down");
    assert_snapshot!(picture(&app), @r"
      + You are listening to Plain Terms,
    ╭─ Write ──────────────────────────────╮
    │ srt    subtitles for every player    │
    │ vtt    subtitles for web pages       │
    │ lrc    lines with times, as lyrics   │
    │ ass    subtitles with looks          │
    │ ttml   subtitles for broadcasters    │
    │ json   transcript for podcasts       │
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
    app.messages.see();
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
    settled(
        &mut app,
        Event::Progress(Progress { recognised: spans, length, speed: 11.6, is_loading: false }),
    );
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
    assert!(
        text.starts_with("  An episode                         ~ times are estimates\n"),
        "{text}"
    );
}

#[test]
fn dictation_hides_what_was_not_heard() {
    let mut app = app(sample::english(), (60, 16), 5_000);
    press(&mut app, "l");
    at(&mut app, 7_000);
    app.messages.see();
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
    app.messages.see();
    let mut buffer = Buffer::empty(Rect::new(0, 0, 60, 16));
    app.draw(&mut buffer);
    assert!(
        buffer
            .content
            .iter()
            .all(|cell| cell.style().fg.is_none_or(|fg| fg == ratatui_core::style::Color::Reset))
    );
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
