//! In which script is a Chinese text written?
//!
//! Frequent characters that only one script has are counted; the lists are sorted by code point,
//! and tests hold them against the converter's dictionaries. This room never converts.

use super::Script;
use crate::transcript::characters::{is_han, is_kana};

/// Frequent characters that are only Simplified.
const SIMPLIFIED: &str = "\
    东两个习书亚产亲亿仅仓仪们众优会伟传伤伦体关内军农决况冻净减击刘则刚创删别办务动劳势单卖卫厅历压厌县参双\
    发变叙号听启员响哑唤啰喷团园围国图圆圣场坏块坚坛处备够头夺奋奖妇妈孙学宁宝实审宪宽宾对寻导寿将尔尘尝层屡\
    岁岛峡币帅师带帮庆庐库应废开异弃张弥弯强归当录彻径忆忧怀态总恋恶悬惊惧惨惯戏战户执扩扫扬报担拟拥择挡挤挥\
    损换掷摄摆撑敌数断无旧时显晓暂术机杀杂权条来杨构枪标栏树样桥梦检欢欧残毁毕气汇汉汤沟没泪泽洁测济浓涛润涨\
    渐温湾滚满灭灯灵炉点炼烂烛烟烦烧热爱爷牵状独狮猎献玛环现电画疗监盖盘矿码础离积称穷窃竞笔笼签简粮紧纠红约\
    级纪纯纳纵纷纸线练组细织终绍经绝统继绩绪续维绵综绿编缘缩罗罚职联聪肃肠肤脏脑脚脸艺节苏药莲获营萧蓝虑虽补\
    装见观规视览觉触计订认讨让训议讯记讲许论设访证评识词译试诗诚话询该详语误说请诸读课谁调谅谈谋谓谢谱贝负财\
    责败货质贩贫购贴贵贷费贺资赏赔赛赞赢趋跃车轨转轮软轻载较辆辈辑输辞边达迁过迈运还这进远违连迟选递逻遗邓邮\
    邻郑酱释鉴针钟钢钥钱铁铃铜银销锁锋错锦键镜长门闪闭问间闷闻阅队阳阴阵阶际陆陈险随隐难雾静韦韩韵页项顺须顾\
    顿预领频题颜额风飞饥饭饮饰饼饿馆马驰驱驶驻驾骂骄验骑骗鱼鲁鲜鸟鸡鸣鹏麦黄齐齿龙龟";

/// Frequent characters that are only Traditional.
const TRADITIONAL: &str = "\
    亞來倉個們倫偉備傳傷僅儀億優兩凍別則剛創劉動務勞勢匯厭參員問啞啟喚單嘗噴國圍園圓圖團執堅報場塊塵壇壓壞壽\
    夠夢奪奮婦媽孫學實寧審寬寶將尋對導屢層島峽帥師帶幣幫幾庫廢廳張強彌彎彙後徑徵徹悶惡愛態慘慣慮慶憂憲憶應懷\
    懸懼戀戰戲掃揚換揮損撐擁擇擊擋擔據擠擬擲擴擺攝敗敘敵數斷於時暫曆曉書會東條棄楊極構槍標樣樹橋機檢欄權歐歡\
    歲歷歸殘殺毀氣決沒淚淨減測湯溝溫滅滾滿漢漲漸潔潤澤濃濟濤灣無煉煙煩熱燈燒營燭爐爛爺爾牽狀獅獎獨獲獵獻現瑪\
    環產畢畫異當療發監盤眾確碼礎礦種稱積窮竊競筆節範簡簽籠糧糾紀約紅納純紙級紛細紹終組絕統經綜綠維綿緊緒線緣\
    編練縣縮縱總績織繼續罰罵羅習聖聞聯聰職聽肅腦腳腸膚臉臺舊蓋蓮蕭藍藝藥蘇處號術衛補裝裡見規視親覺覽觀觸訂計\
    訊討訓記訪設許評詞詢試詩話該詳認語誠誤說誰課調談請諒論諸謀謂講謝證識譜譯議讀變讓貝負財貧貨販責貴貸費貼賀\
    資賓賞賠賣質購賽贊贏趨躍車軌軍軟較載輕輛輩輪輯輸轉辦辭農這連進運過達違遞遠遲遷選遺邁還邊邏郵鄧鄭鄰醬釋鈴\
    銀銅銷鋒鋼錄錢錦錯鍵鎖鏡鐘鐵鑑鑰長門閃閉開間閱關陣陰陳陸陽隊階際隨險隱隻雖雙雜雞離難電霧靈靜韋韓韻響頁項\
    順須預頓領頭頻題額顏顧顯風颱飛飢飯飲飾餅餓館馬馳駐駕駛騎騙驅驕驗驚體髮鬆鬥鬱魚魯鮮鳥鳴鵬麥麵點齊齒龍龜";

/// Characters that both scripts have, though a converter may change them: "后" is the empress in
/// both, and "after" in one. And glyphs of the same word that Hong Kong and Taiwan choose
/// differently.
const SHARED: &str = "\
    万丑丰乾于云亘仆价伙余佣僞党准几凶划剋占厂厘台叶吁吃后咨咸唇啓喫夥夸嫺嬀尸岩岳峯帘干幺广征徵愿托挂据擡斗\
    於朴杠杰极柜棱檐污泄涂涌淀游潙潨熏爲牀痹癡皁皂着睾瞭确祕种竈筑糉繮纔羣胜脣腊腌膻苧苹范荐著蔘蔿薹藉虫蚝蜡\
    蝎衆裏覈跖踊辟适郁采里鉢鍼鮎麪麽齶";

/// The script that most of the telling characters of `text` are of; `None` without any, or in a
/// draw.
pub fn detect(text: &str) -> Option<Script> {
    let (mut n_hant, mut n_hans) = (0usize, 0usize);
    for c in text.chars().filter(|c| is_han(*c)) {
        n_hant += usize::from(has(TRADITIONAL, c));
        n_hans += usize::from(has(SIMPLIFIED, c));
    }
    match n_hant.cmp(&n_hans) {
        std::cmp::Ordering::Greater => Some(Script::Hant),
        std::cmp::Ordering::Less => Some(Script::Hans),
        std::cmp::Ordering::Equal => None,
    }
}

/// The script that most of the telling characters of `text` are of, or in a draw the first of them;
/// `None` without any.
pub fn prevailing(text: &str) -> Option<Script> {
    let tells = |c: char| match (has(TRADITIONAL, c), has(SIMPLIFIED, c)) {
        (true, _) => Some(Script::Hant),
        (_, true) => Some(Script::Hans),
        _ => None,
    };
    detect(text).or_else(|| text.chars().filter(|c| is_han(*c)).find_map(tells))
}

/// Whether both scripts have `c`, so that finding it says nothing.
pub(super) fn is_shared(c: char) -> bool {
    has(SHARED, c)
}

/// Whether `text`, whose language nobody told, is Chinese: Han characters, and hardly any kana or
/// Hangul.
pub(super) fn looks_chinese(text: &str) -> bool {
    let (mut n_han, mut n_other) = (0usize, 0usize);
    for c in text.chars() {
        n_han += usize::from(is_han(c));
        n_other += usize::from(is_kana(c) || matches!(c, '\u{AC00}'..='\u{D7A3}'));
    }
    n_han > 20 * n_other
}

/// Whether `c` is in a list of three-byte characters sorted by code point, which is the order of
/// their bytes too.
fn has(list: &str, c: char) -> bool {
    let mut buffer = [0; 4];
    let wanted = c.encode_utf8(&mut buffer).as_bytes();
    let (mut from, mut until) = (0, list.len() / 3);
    while from < until {
        let middle = (from + until) / 2;
        match list.as_bytes()[3 * middle..3 * middle + 3].cmp(wanted) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => from = middle + 1,
            std::cmp::Ordering::Greater => until = middle,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::Converter;
    use super::*;

    #[test]
    fn lists_are_sorted_and_agree_with_the_dictionaries() {
        let (hant, hans) = (Converter::new(Script::Hant), Converter::new(Script::Hans));
        for list in [SIMPLIFIED, TRADITIONAL, SHARED] {
            let chars: Vec<char> = list.chars().collect();
            assert!(
                chars.windows(2).all(|pair| pair[0] < pair[1])
                    && chars.iter().all(|c| c.len_utf8() == 3)
            );
            assert!(chars.iter().all(|c| has(list, *c)));
        }
        for (list, foreign, own) in [(SIMPLIFIED, &hant, &hans), (TRADITIONAL, &hans, &hant)] {
            for c in list.chars().map(String::from) {
                assert!(foreign.convert(&c) != c && own.convert(&c) == c, "{c}");
            }
        }
        assert!(!has(SHARED, 'a') && !has(SHARED, '😀'));
    }

    #[test]
    fn detection() {
        for (text, want) in [
            ("這個問題很難", Some(Script::Hant)),
            ("这个问题很难", Some(Script::Hans)),
            ("他们說的", None),
            ("我們说過了", Some(Script::Hant)),
            ("皇后在山里吃面", None),
            ("English only, 24", None),
            ("", None),
        ] {
            assert_eq!(detect(text), want, "{text}");
        }
    }

    #[test]
    fn a_draw_is_decided_by_the_first() {
        for (text, want) in [
            ("他們說的", Some(Script::Hant)),
            ("说這个個", Some(Script::Hans)),
            ("這这", Some(Script::Hant)),
            ("山", None),
        ] {
            assert_eq!(prevailing(text), want, "{text}");
        }
    }

    #[test]
    fn languages() {
        for (text, want) in [
            ("今天天氣", true),
            ("今日は天気がいい", false),
            ("hello", false),
            ("", false),
            ("用 GPT 寫", true),
            ("韓國 대한민국", false),
        ] {
            assert_eq!(looks_chinese(text), want, "{text}");
        }
    }
}
