//! Small readings for tests: every spoken word takes 300 ms, a pause between sentences 200 ms.

use crate::align::{Method, SentenceTiming, Status, Timing, Unwritten};
use crate::article::{Block, BlockKind, Sentence, WrittenWord};
use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use crate::transcript::characters::is_spoken;
use crate::transcript::{Segment, SpokenWord, split};

/// Builds a reading block by block.
#[derive(Default)]
pub struct Builder {
    reading: Reading,
    now: u64,
    n_spoken: usize,
}

impl Builder {
    /// Adds a block. A sentence that begins with `~` is not read.
    pub fn block(mut self, kind: BlockKind, sentences: &[&str]) -> Self {
        let article = &mut self.reading.article;
        if !article.text.is_empty() {
            article.text.push_str("\n\n");
        }
        let (start, first) = (article.text.len(), article.sentences.len());
        for sentence in sentences {
            self.sentence(sentence, start);
        }
        let article = &mut self.reading.article;
        article.blocks.push(Block {
            kind,
            bytes: start..article.text.len(),
            sentences: first..article.sentences.len(),
        });
        self
    }

    fn sentence(&mut self, text: &str, block: usize) {
        let is_read = !text.starts_with('~');
        let text = text.trim_start_matches('~');
        let article = &mut self.reading.article;
        if article.text.len() > block && split::needs_space(&article.text, text) {
            article.text.push(' ');
        }
        let at = article.text.len();
        article.text.push_str(text);
        let (begin, first) = (self.now, article.words.len());
        let mut segment = Segment { text: text.to_owned(), ..Segment::default() };
        for range in split::words(text) {
            let core = text[range.clone()].trim_matches(|c| !is_spoken(c));
            if core.is_empty() {
                continue;
            }
            let start = at + range.start + text[range.clone()].find(core).expect("inside");
            article.words.push(WrittenWord { bytes: start..start + core.len() });
            let mut timing = Timing::default();
            if is_read {
                let span = Span::from_millis(self.now, self.now + 300);
                self.now += 300;
                timing = Timing {
                    span: Some(span),
                    confidence: 0.9,
                    spoken: self.n_spoken..self.n_spoken + 1,
                };
                self.n_spoken += 1;
                segment.words.push(SpokenWord {
                    text: text[range].trim().to_owned(),
                    span,
                    probability: Some(0.9),
                });
            }
            self.reading.alignment.words.push(timing);
        }
        article.sentences.push(Sentence {
            bytes: at..article.text.len(),
            words: first..article.words.len(),
            skip: None,
        });
        let span = Span::from_millis(begin, self.now);
        let status = if is_read { Status::Spoken } else { Status::Unspoken };
        self.reading.alignment.sentences.push(SentenceTiming {
            status,
            span: is_read.then_some(span),
            confidence: 0.9,
        });
        if is_read {
            segment.span = span;
            self.reading.transcript.segments.push(segment);
            self.now += 200;
        }
    }

    /// Adds something said that is not written.
    pub fn said(mut self, text: &str) -> Self {
        let (begin, first) = (self.now, self.n_spoken);
        let words: Vec<_> = split::words(text)
            .into_iter()
            .map(|range| {
                let span = Span::from_millis(self.now, self.now + 300);
                self.now += 300;
                SpokenWord { text: text[range].trim().to_owned(), span, probability: Some(0.9) }
            })
            .collect();
        self.n_spoken += words.len();
        let span = Span::from_millis(begin, self.now);
        self.now += 200;
        self.reading.alignment.unwritten.push(Unwritten {
            span,
            text: text.to_owned(),
            spoken: first..self.n_spoken,
        });
        self.reading.transcript.segments.push(Segment {
            span,
            text: text.to_owned(),
            words,
            is_doubtful: false,
        });
        self
    }

    /// What was built.
    pub fn done(mut self) -> Reading {
        self.reading.alignment.method = Method::Words;
        self.reading.alignment.coverage = 1.0;
        self.reading.transcript.audio.duration = Some(Timestamp::from_millis(self.now));
        self.reading
    }
}

/// An English column: title, byline, an introduction that is not written, a list, a quotation.
pub fn english() -> Reading {
    Builder::default()
        .said("You are listening to Plain Terms, a weekly column.")
        .block(BlockKind::Title, &["The Machine in the Closet"])
        .block(BlockKind::Paragraph, &["~By Ruth Callaway"])
        .block(
            BlockKind::Paragraph,
            &[
                "On Jan. 20, 2025, the river came over the roads of Mill County and the courthouse went dark.",
                "An hour later the phones died too.",
                "By evening 1,400 people were asleep in the high school, and nobody outside the county could reach them.",
            ],
        )
        .said("This show is brought to you by nobody at all.")
        .block(BlockKind::Heading, &["What “open” means"])
        .block(BlockKind::Item, &["A model you rent lives in someone else’s house, and answers when its owner lets it."])
        .block(BlockKind::Item, &["A model you keep is yours."])
        .block(BlockKind::Quote, &["“We didn’t choose it because it was the best,” said Helen Marsh."])
        .block(BlockKind::Caption, &["~The Mill County courthouse on Jan. 22."])
        .done()
}

/// A column in Traditional Chinese with digits and Latin names.
pub fn chinese() -> Reading {
    Builder::default()
        .block(BlockKind::Title, &["儲藏室裡的那臺機器"])
        .block(BlockKind::Paragraph, &["~作者：露絲．卡洛韋"])
        .block(
            BlockKind::Paragraph,
            &[
                "2025年1月20日，河水漫過米爾郡的道路，法院大樓的燈全滅了。",
                "一個小時後，電話也斷了。",
                "到了傍晚，已有1,400人睡在那所高中裡，郡外的人誰也聯絡不上他們。",
            ],
        )
        .block(BlockKind::Heading, &["「開放」是什麼意思"])
        .block(
            BlockKind::Paragraph,
            &[
                "「我們選它，不是因為它最好，」郡書記官海倫．馬許說。",
                "Gemini 2.5 Pro是租來的模型；深度求索(DeepSeek)則可以留下來。",
            ],
        )
        .done()
}

/// The translation of [`english`] by sentence.
pub fn translation() -> Vec<Option<&'static str>> {
    vec![
        Some("儲藏室裡的那臺機器"),
        None,
        Some("2025年1月20日，河水漫過米爾郡的道路，法院大樓的燈全滅了。"),
        Some("一個小時後，電話也斷了。"),
        Some("到了傍晚，已有1,400人睡在那所高中裡，郡外的人誰也聯絡不上他們。"),
        Some("「開放」是什麼意思"),
        Some("你租來的模型住在別人家裡，主人准許時才回答。"),
        Some("你留下的模型是你的。"),
        Some("「我們選它，不是因為它最好，」海倫．馬許說。"),
        None,
    ]
}

/// Scripts that are hard to draw, in one paragraph.
pub fn mixed() -> Reading {
    Builder::default()
        .block(
            BlockKind::Paragraph,
            &[
                "Cafe\u{301} naïve 你好，世界！ שלום עולם مرحبا \u{202e}abc\u{202c} 👩‍👩‍👧‍👦🇹🇼 e\u{301}\u{302}\u{323}.",
                "ภาษาไทยไม่เว้นวรรคเลยสักนิดเดียวจริงๆ नमस्ते दुनिया ｶﾞｷﾞ zero\u{200b}width\u{ad}soft.",
            ],
        )
        .done()
}

/// "The river came over the road. All the lights went out." of which "the road" and "All the" were
/// misheard.
pub fn misheard() -> Reading {
    let mut reading = Builder::default()
        .block(BlockKind::Title, &["~Flood"])
        .block(BlockKind::Paragraph, &["The river came over the road.", "All the lights went out."])
        .done();
    let heard = "the river came over roads and it lights went out";
    // What was said for "the road" takes the time of both; the others keep theirs.
    let starts = [0, 300, 600, 900, 1200, 2000, 2300, 2600, 2900, 3200];
    let word = |(text, start): (&str, u64)| SpokenWord {
        text: text.to_owned(),
        span: Span::from_millis(start, start + 300),
        probability: None,
    };
    let words: Vec<_> = heard.split(' ').zip(starts).map(word).collect();
    let span = Span::from_millis(0, 3500);
    reading.transcript.segments =
        vec![Segment { span, text: heard.to_owned(), words, is_doubtful: false }];
    for (written, spoken) in [
        (1, Some(0)),
        (2, Some(1)),
        (3, Some(2)),
        (4, Some(3)),
        (5, None),
        (6, None),
        (7, None),
        (8, None),
        (9, Some(7)),
    ] {
        let timing = &mut reading.alignment.words[written];
        timing.spoken = spoken.map_or(0..0, |s| s..s + 1);
        if spoken.is_none() {
            timing.confidence = 0.3;
        }
    }
    reading.alignment.words[10].spoken = 8..9;
    reading.alignment.words[11].spoken = 9..10;
    reading
}
