//! Does a Chinese transcription sound like a foreign name?
//!
//! 露絲．卡洛韋 is Ruth Calloway: consonants survive, vowels hardly do. Both are brought to classes
//! of consonants and compared. Names are transcribed with few characters, always the same, which
//! tells them from other text. This file never knows where names stand.

use crate::words::pinyin::plain;

/// A class of consonants that stand for each other in transcriptions; see [`cost`].
type Class = u8;

/// Characters that transcriptions of names are written with, in both scripts.
const TRANSCRIBING: &str = "阿埃艾愛爱安昂奧奥澳巴白柏拜班邦堡保鮑鲍北貝贝倍本比彼畢毕賓宾冰波伯博勃布蔡查柴昌楚茨次達达大戴丹當当道德登鄧邓狄迪底\
蒂丁東东杜多敦頓顿俄厄恩爾尔耳法凡樊範范方菲費费芬馮冯佛夫弗福富蓋盖甘岡冈高戈哥歌格葛根貢贡古瓜圭郭果哈海漢汉翰杭豪赫黑亨洪侯胡華华惠霍基吉\
加佳嘉賈贾簡简姜傑杰金津京久喀卡開开凱凯坎康考柯科克肯孔寇庫库夸匡奎昆拉萊莱賴赖蘭兰朗勞劳老勒雷蕾黎里理李力立麗丽利莉連连廉良列烈林琳\
靈灵留劉刘柳龍龙隆盧卢魯鲁路露倫伦羅罗洛落呂吕律馬马瑪玛麥麦曼芒茅梅美門门蒙孟米密敏明摩莫墨默姆穆拿娜那納纳奈南內内尼年涅寧宁牛紐纽努\
諾诺女歐欧帕派潘龐庞培佩彭皮匹平珀普齊齐奇契錢钱強强喬乔切琴瓊琼丘讓让熱热仁日榮荣茹儒瑞若薩萨塞賽赛森沙莎山珊尚紹绍舍申沈聖圣盛施詩诗\
石什史士朔司絲丝思斯松蘇苏孫孙所索塔泰坦湯汤陶特滕提田鐵铁廷通圖图土托陀瓦萬万旺威韋韦維维衛卫魏溫温文翁沃烏乌伍武西希錫锡席夏香蕭萧謝谢\
辛欣興兴雄休修許许薛雪遜逊雅亞亚揚扬堯尧耶葉叶伊依怡易因英永尤尤約约扎詹章珍真芝治朱卓茲兹子宗祖佐露芙芭芮娃妮妲婭娅媽蜜黛黎蓓蓮莲薇";

/// The consonants of a name in Latin letters, in classes; `None` of fewer than two, which sound
/// like anything.
pub(super) fn of_name(name: &str) -> Option<Vec<Class>> {
    let letters: Vec<char> = name.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let mut classes: Vec<Class> = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let next = letters.get(at + 1).copied().unwrap_or(' ');
        let is_first = at == 0;
        let (class, used): (&[Class], usize) = match (letters[at], next) {
            ('t', 'h') => (b"T", 2),
            ('p' | 'w', 'h') => (b"F", 2),
            ('s' | 'c', 'h') | ('d', 'g') => (b"S", 2),
            ('c' | 'k', 'k') => (b"K", 2),
            ('g', 'h') => (if is_first { b"K" } else { b"" }, 2),
            ('k', 'n') if is_first => (b"N", 2),
            ('w', 'r') if is_first => (b"L", 2),
            ('n', 'g') => (b"N", 2),
            ('s' | 'z' | 'j', _) | ('c', 'e' | 'i' | 'y') => (b"S", 1),
            ('b' | 'p', _) => (b"P", 1),
            ('m', _) => (b"M", 1),
            ('f' | 'v', _) | ('w', 'a' | 'e' | 'i' | 'o') => (b"F", 1),
            ('d' | 't', _) => (b"T", 1),
            ('n', _) => (b"N", 1),
            ('l' | 'r', _) => (b"L", 1),
            ('k' | 'c' | 'q' | 'g', _) => (b"K", 1),
            ('x', _) => (b"KS", 1),
            ('h', 'a' | 'e' | 'i' | 'o' | 'u' | 'y') => (b"H", 1),
            _ => (b"", 1),
        };
        let is_doubled = at > 0 && letters[at - 1] == letters[at];
        if !is_doubled {
            classes.extend(class);
        }
        at += used;
    }
    (classes.len() >= 2).then_some(classes)
}

/// A Chinese character as it may stand in a transcription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Syllable {
    /// The class of its initial, if it has one.
    initial: Option<Class>,
    /// Whether it ends in n or ng.
    is_nasal: bool,
}

/// The runs of two or more characters in `text` that may transcribe a name; dots between names do
/// not part them.
pub(super) fn transcriptions(text: &str) -> Vec<Vec<Syllable>> {
    let mut runs = vec![Vec::new()];
    for c in text.chars() {
        match c {
            '．' | '·' | '‧' | '・' | '•' => {}
            c if TRANSCRIBING.contains(c) => {
                if let (Some(run), Some(syllable)) = (runs.last_mut(), syllable(c)) {
                    run.push(syllable);
                }
            }
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| run.len() >= 2);
    runs
}

fn syllable(c: char) -> Option<Syllable> {
    let spelled = plain(c)?;
    let bytes = spelled.as_bytes();
    let initial = match bytes[0] {
        b'b' | b'p' => Some(b'P'),
        b'm' => Some(b'M'),
        b'f' | b'w' => Some(b'F'),
        b'd' | b't' => Some(b'T'),
        b'n' => Some(b'N'),
        b'l' | b'r' => Some(b'L'),
        b'g' | b'k' => Some(b'K'),
        // 華 and 惠 stand for "wa" and "we" as often as for "ha".
        b'h' if bytes.get(1) == Some(&b'u') => Some(b'V'),
        b'h' => Some(b'H'),
        b'j' | b'q' | b'x' | b'z' | b'c' | b's' => Some(b'S'),
        _ => None,
    };
    // "er" ends in what Latin names write r or l.
    let initial = if spelled == "er" { Some(b'L') } else { initial };
    Some(Syllable { initial, is_nasal: spelled.ends_with('n') || spelled.ends_with("ng") })
}

/// How unlike two classes are, 0 to 1.
fn cost(name: Class, said: Class) -> f64 {
    match (name, said) {
        (a, b) if a == b => 0.0,
        (b'H' | b'F', b'V') => 0.1,
        (b'K', b'H' | b'V' | b'S')
        | (b'H' | b'S', b'K')
        | (b'F', b'P')
        | (b'P', b'F')
        | (b'T', b'S')
        | (b'S', b'T')
        | (b'N', b'M')
        | (b'M', b'N') => 0.4,
        (b'F', b'H') => 0.5,
        (b'N', b'L') | (b'L', b'N') => 0.6,
        _ => 1.0,
    }
}

/// What leaving out a consonant of the name costs: r and l after vowels and stops at the end often
/// go.
fn omitted(class: Class) -> f64 {
    match class {
        b'L' => 0.4,
        b'T' | b'K' | b'P' => 0.7,
        _ => 0.9,
    }
}

/// How well `name` is found somewhere in `run`, 0 to 1.
pub(super) fn likeness(name: &[Class], run: &[Syllable]) -> f64 {
    // Costs of having used the first `k` consonants before each syllable; it may begin anywhere.
    let n = name.len();
    let mut row: Vec<f64> = Vec::with_capacity(n + 1);
    row.push(0.0);
    for &class in name {
        row.push(row[row.len() - 1] + omitted(class));
    }
    let mut best = row[n];
    for syllable in run {
        let mut next = vec![0.0; n + 1];
        for k in 0..=n {
            // A syllable without a consonant costs a little, one whose consonant is not in the name
            // a lot.
            let spare = if k == 0 {
                0.0
            } else {
                row[k] + if syllable.initial.is_some() { 0.8 } else { 0.15 }
            };
            let mut least = spare;
            if let (Some(initial), true) = (syllable.initial, k > 0) {
                least = least.min(row[k - 1] + cost(name[k - 1], initial));
            }
            if syllable.is_nasal && k > 0 && matches!(name[k - 1], b'N' | b'M') {
                least = least.min(row[k - 1] + if syllable.initial.is_some() { 0.8 } else { 0.0 });
                if let (Some(initial), true) = (syllable.initial, k > 1) {
                    least = least.min(row[k - 2] + cost(name[k - 2], initial));
                }
            }
            if k > 0 {
                least = least.min(next[k - 1] + omitted(name[k - 1]));
            }
            next[k] = least;
        }
        best = best.min(next[n]);
        row = next;
    }
    (1.0 - best / n as f64).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(name: &str, text: &str) -> f64 {
        let Some(name) = of_name(name) else { return 0.0 };
        transcriptions(text).iter().map(|run| likeness(&name, run)).fold(0.0, f64::max)
    }

    #[test]
    fn names() {
        for (name, text) in [
            ("Ruth", "作者：露絲．卡洛韋"),
            ("Calloway", "作者：露絲．卡洛韋"),
            ("Eberle", "插圖：托馬斯．埃貝勒"),
            ("Tomas", "插圖：托马斯．埃贝勒"),
            ("Finch", "名叫華特．芬奇的人"),
            ("Walter", "名叫華特．芬奇的人"),
            ("Helen", "郡書記官海倫．馬許說"),
            ("Marsh", "郡書記官海倫．馬許說"),
            ("Nairobi", "奈洛比的一個小團體"),
            ("London", "在倫敦的一場會議上"),
            ("Northfield", "俄亥俄州的諾斯菲爾德儲蓄銀行"),
            ("Denning", "負責該行電腦的保羅．丹寧說"),
            ("Brandt", "安娜．布蘭特博士在維也納"),
            ("Washington", "华盛顿"),
        ] {
            let right = best(name, text);
            let wrong =
                best(name, "如果公司把權重留在自己家裡，加州的莫妮卡．哈里斯就只能租用模型");
            // Two consonants are soon found anywhere: 里斯 sounds like Ruth too.
            let is_telling = of_name(name).is_some_and(|classes| classes.len() > 2);
            assert!(
                right >= 0.75 && (!is_telling || wrong < right),
                "{name}: {right} in {text}, {wrong} elsewhere"
            );
        }
    }

    #[test]
    fn too_short_to_tell() {
        for name in ["", "Io", "Ohio", "I", "露絲"] {
            assert_eq!(of_name(name), None, "{name}");
        }
    }
}
