//! JSON that another program wrote, as far as any of our formats reads it.
//!
//! A transcript of a hundred hours has a hundred megabytes and more: what nobody asks for is passed
//! over while it is read, and strings stay where they stand in the file. This room knows the names
//! in all formats, and none of the formats.

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The names that are read, in any format.
#[rustfmt::skip]
const NAMES: [&str; 37] = [
    "start", "end", "text", "word", "words", "probability", "score", "confidence", "speaker", "segments",
    "offsets", "timestamps", "from", "to", "p", "t_dtw", "tokens", "transcription", "result", "params",
    "startTime", "endTime", "body", "word_segments", "language", "duration",
    "format", "audio", "file", "blake3", "model", "name", "sha1", "doubtful", "gaps", "reason", "speakers",
];

/// The most elements of lists that are read: segments, and words or tokens, of two hundred hours
/// and more. Each comes to take some two hundred bytes.
pub(super) const MOST_ITEMS: usize = 4_000_000;

/// A value. Objects have only the names that some format reads, each once; lists have no numbers,
/// which only stand for tokens.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Value<'a> {
    #[default]
    Null,
    Bool(bool),
    Number(f64),
    /// A string as it stands in the file.
    Text(&'a str),
    /// One that has escapes there.
    Unescaped(Box<str>),
    List(Box<[Value<'a>]>),
    /// Values under the places of their names.
    Object(Box<[(u8, Value<'a>)]>),
}

/// Why a text is no value.
#[derive(Debug)]
pub(super) enum Broken {
    /// Its lists have too many elements.
    TooLong,
    /// It is no JSON.
    Json(serde_json::Error),
}

/// The value in `source`, whose lists may have `most` elements together. Python writes `NaN` and
/// `Infinity`, which JSON lacks: they become `null`, in a copy that is kept in `mended`.
pub(super) fn parse<'a>(
    source: &'a str,
    mended: &'a mut Option<String>,
    most: usize,
) -> Result<Value<'a>, Broken> {
    match whole(source, most) {
        Err(Broken::Json(error)) => {
            *mended = without_nan(source);
            mended.as_deref().map_or(Err(Broken::Json(error)), |mended| whole(mended, most))
        }
        parsed => parsed,
    }
}

fn whole(source: &str, most: usize) -> Result<Value<'_>, Broken> {
    let mut left = Some(most);
    let mut parser = serde_json::Deserializer::from_str(source);
    let value = Wanted { left: &mut left }
        .deserialize(&mut parser)
        .and_then(|value| parser.end().map(|()| value));
    value.map_err(|error| if left.is_none() { Broken::TooLong } else { Broken::Json(error) })
}

impl<'a> Value<'a> {
    /// An object with nothing but `value` under `name`.
    pub(super) fn under(name: &str, value: Self) -> Self {
        Self::Object(place(name).map(|place| (place, value)).into_iter().collect())
    }

    /// What stands under `name`.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        debug_assert!(NAMES.contains(&name), "`{name}` is not among the names that are read");
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(place, _)| NAMES[usize::from(*place)] == name).map(|(_, value)| value)
    }

    /// Takes the list under `name` out of it, so that its elements can go one by one; empty if
    /// there is none.
    pub(super) fn take_list(&mut self, name: &str) -> Vec<Self> {
        let Self::Object(fields) = self else { return Vec::new() };
        let found = fields
            .iter_mut()
            .find(|(place, value)| NAMES[usize::from(*place)] == name && value.is_list());
        match found.map(|(_, value)| std::mem::take(value)) {
            Some(Self::List(elements)) => elements.into_vec(),
            _ => Vec::new(),
        }
    }

    pub(super) fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(elements) = self { Some(elements) } else { None }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Unescaped(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_f64(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    pub(super) fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(is) = self { Some(*is) } else { None }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub(super) fn is_null(&self) -> bool {
        *self == Self::Null
    }
}

/// As in the file, but for what would be long.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(is) => write!(f, "{is}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::Unescaped(text) => write!(f, "\"{text}\""),
            Self::List(_) => f.write_str("[…]"),
            Self::Object(_) => f.write_str("{…}"),
        }
    }
}

fn place(name: &str) -> Option<u8> {
    NAMES.iter().position(|known| *known == name).and_then(|place| u8::try_from(place).ok())
}

/// A value that is read while elements are `left`; `None` once there were too many.
struct Wanted<'c> {
    left: &'c mut Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(is))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Unescaped(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element_seed(Wanted { left: &mut *self.left })? {
            if element.as_f64().is_none() {
                *self.left = self.left.and_then(|left| left.checked_sub(1));
                self.left.ok_or_else(|| A::Error::custom("too many elements"))?;
                elements.push(element);
            }
        }
        Ok(Value::List(elements.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut fields: Vec<(u8, Value<'de>)> = Vec::new();
        while let Some(name) = object.next_key_seed(Name)? {
            let Some(name) = name else {
                object.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = object.next_value_seed(Wanted { left: &mut *self.left })?;
            // Of several the last one counts, as everywhere.
            match fields.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => fields.push((name, value)),
            }
        }
        Ok(Value::Object(fields.into()))
    }
}

/// The place of a name, if it is one that is read.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<u8>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(place(name))
    }
}

/// `source` with Python's names for numbers that are none replaced; `None` if it has none.
fn without_nan(source: &str) -> Option<String> {
    let mut mended = String::with_capacity(source.len());
    let mut rest = source;
    let mut is_changed = false;
    while let Some(at) = rest.find(['"', 'N', 'I', '-']) {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = ["NaN", "Infinity", "-Infinity"].into_iter().find(|name| rest.starts_with(name));
        let len = match name {
            Some(name) => name.len(),
            None if rest.starts_with('"') => string_len(rest),
            None => 1,
        };
        mended.push_str(if name.is_some() { "null" } else { &rest[..len] });
        is_changed |= name.is_some();
        rest = &rest[len..];
    }
    mended.push_str(rest);
    is_changed.then_some(mended)
}

/// The length of the string literal that `text` begins with.
fn string_len(text: &str) -> usize {
    let mut is_escaped = true; // the opening quote ends nothing
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value in `json` as it is kept, in Rust's way of writing.
    fn kept(json: &str) -> String {
        let mut mended = None;
        let value = parse(json, &mut mended, 6);
        value.map_or_else(|broken| format!("{broken:?}"), |value| spelled(&value))
    }

    fn spelled(value: &Value<'_>) -> String {
        let joined = |parts: Vec<String>| parts.join(" ");
        match value {
            Value::Object(fields) => {
                let field = |(place, value): &(u8, Value<'_>)| {
                    format!("{}={}", NAMES[usize::from(*place)], spelled(value))
                };
                format!("{{{}}}", joined(fields.iter().map(field).collect()))
            }
            Value::List(elements) => {
                format!("[{}]", joined(elements.iter().map(spelled).collect()))
            }
            scalar => scalar.to_string(),
        }
    }

    #[test]
    fn only_what_is_read_is_kept() {
        for (json, want) in [
            (
                r#"{"start": 1, "id": 7, "avg_logprob": -0.2, "text": "a \"b\"", "end": "2.5"}"#,
                r#"{start=1 text="a "b"" end="2.5"}"#,
            ),
            // As large as it may be, what no format has takes no room.
            (
                r#"{"seek": [[[{"start": 1}]], {}, {}, {}, {}, {}, {}, {}], "text": "a"}"#,
                r#"{text="a"}"#,
            ),
            // OpenAI's tokens are numbers.
            (
                r#"{"tokens": [50364, 1, 2, 3, 4, 5, 6, 7, 8], "text": ""}"#,
                r#"{tokens=[] text=""}"#,
            ),
            (
                r#"{"words": [{"word": "a", "start": 1.5}, {"word": "b"}, null]}"#,
                r#"{words=[{word="a" start=1.5} {word="b"} null]}"#,
            ),
            // The last one counts.
            (r#"{"start": 1, "text": "a", "start": 2}"#, r#"{start=2 text="a"}"#),
            // Python's numbers.
            (
                r#"{"start": NaN, "words": [-Infinity, Infinity, -1], "text": "NaN \" NaN"}"#,
                r#"{start=null words=[null null] text="NaN " NaN"}"#,
            ),
            (
                r#"{"words": [{}, {}, {}], "segments": [{}, {}, {}]}"#,
                "{words=[{} {} {}] segments=[{} {} {}]}",
            ),
            (r#"{"words": [{}, {}, {}], "segments": [{}, {}, {}, {}]}"#, "TooLong"),
            (r#"{"words": [{"words": [{}, {}, {}, {}]}, {}, {}], "start": NaN}"#, "TooLong"),
        ] {
            assert_eq!(kept(json), want, "{json}");
        }
        for bad in ["{", "{\"start\": NaN", "\"", "{\"a\\", "", "{} {}", "{\"start\": 1e999}"] {
            assert!(kept(bad).starts_with("Json"), "{bad}: {}", kept(bad));
        }
    }

    #[test]
    fn lists_are_taken_out() {
        let mut value = whole(r#"{"segments": [{"text": "a"}], "words": 7}"#, 9).expect("JSON");
        assert_eq!((value.take_list("words").len(), value.take_list("gaps").len()), (0, 0));
        let taken = value.take_list("segments");
        assert_eq!((taken.len(), taken[0].get("text").and_then(Value::as_str)), (1, Some("a")));
        assert_eq!(
            (spelled(&value), value.take_list("segments").len()),
            ("{segments=null words=7}".to_owned(), 0)
        );
    }
}
