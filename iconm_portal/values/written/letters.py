"""One letter, one meaning: what is compared of a text, however its letters were typed, encoded or drawn. Pure.

Nothing is ever kept in this form but keys to search by: what people wrote stays as they wrote it.
"""

import re
import unicodedata
from typing import Final

# What Shift_JIS (cp932) and the other encodings give for one and the same key: the marks of JIS X 0208 whose Unicode
# differs by vendor (〜 ～, − －, ‖ ∥, — ―), and the quotes and hyphens that word processors put for ' " and -.
_MARKS: Final = str.maketrans(
    dict.fromkeys("〜∼～", "~")
    | dict.fromkeys("－−‐‑‒–—―─━﹣", "-")
    | dict.fromkeys("’‘‛′´`＇", "'")
    | dict.fromkeys("“”„‟″＂", '"')
    | {"‖": "∥", "·": "・", "•": "・"}
)

# The older forms beside their present ones: those in brackets in 常用漢字表 (平成22年内閣告示第2号) and in 人名用漢字別表
# (戸籍法施行規則別表第二), without those that NFKC folds already.
_OLDER: Final = (
    "亞惡壓圍醫爲壹飮隱榮營銳衞驛悅閱圓鹽緣艷應歐毆櫻奧橫溫穩假價畫會繪壞懷槪擴殼覺學嶽樂渴罐卷"
    "陷勸寬關歡觀顏氣歸龜僞戲犧舊據擧虛峽挾狹敎鄕曉區驅勳薰徑莖惠揭溪經螢輕繼鷄藝擊缺硏縣儉劍險"
    "圈檢獻權顯驗嚴戶吳娛廣效恆黃鑛號吿國黑碎濟齋歲劑雜參棧蠶慘產贊殘絲齒兒辭濕實寫舍釋壽收從澁"
    "獸縱肅處緖敍尙將稱涉燒證奬條狀乘淨剩疊繩壤孃讓釀觸囑眞寢愼盡圖粹醉穗隨髓樞數瀨聲靑齊淸靜稅"
    "竊攝說絕專淺戰踐錢潛纖禪雙壯爭莊搜插巢曾瘦裝總騷增藏臟卽屬續墮對體帶滯臺瀧擇澤脫擔單膽團斷"
    "彈遲癡蟲晝鑄廳徵聽敕鎭遞鐵點轉傳燈當黨盜稻鬭德獨讀屆內貳惱腦霸拜廢賣麥發髮拔晚蠻祕濱甁拂佛"
    "倂竝餠邊變步舖寶豐襃沒飜每萬滿麵默彌譯藥與豫餘譽搖樣謠來賴亂覽龍兩獵綠淚壘禮勵戾靈隸齡曆歷"
    "戀鍊爐勞郞樓籠錄灣堯巖摑彥檜槇瑤禰禱祿穰簞聰遙啞噓穎鷗軀鶯攪麴鹼嚙繡蔣醬搔屛幷濾蘆蠟彎焰礦"
    "讚顚巓醱潑輛繫瀆儘藪蠅嬀驒"
)
_PRESENT: Final = (
    "亜悪圧囲医為壱飲隠栄営鋭衛駅悦閲円塩縁艶応欧殴桜奥横温穏仮価画会絵壊懐概拡殻覚学岳楽渇缶巻"
    "陥勧寛関歓観顔気帰亀偽戯犠旧拠挙虚峡挟狭教郷暁区駆勲薫径茎恵掲渓経蛍軽継鶏芸撃欠研県倹剣険"
    "圏検献権顕験厳戸呉娯広効恒黄鉱号告国黒砕済斎歳剤雑参桟蚕惨産賛残糸歯児辞湿実写舎釈寿収従渋"
    "獣縦粛処緒叙尚将称渉焼証奨条状乗浄剰畳縄壌嬢譲醸触嘱真寝慎尽図粋酔穂随髄枢数瀬声青斉清静税"
    "窃摂説絶専浅戦践銭潜繊禅双壮争荘捜挿巣曽痩装総騒増蔵臓即属続堕対体帯滞台滝択沢脱担単胆団断"
    "弾遅痴虫昼鋳庁徴聴勅鎮逓鉄点転伝灯当党盗稲闘徳独読届内弐悩脳覇拝廃売麦発髪抜晩蛮秘浜瓶払仏"
    "併並餅辺変歩舗宝豊褒没翻毎万満麺黙弥訳薬与予余誉揺様謡来頼乱覧竜両猟緑涙塁礼励戻霊隷齢暦歴"
    "恋錬炉労郎楼篭録湾尭巌掴彦桧槙瑶祢祷禄穣箪聡遥唖嘘頴鴎躯鴬撹麹鹸噛繍蒋醤掻屏并沪芦蝋弯焔砿"
    "讃顛巔醗溌輌繋涜侭薮蝿媯騨"
)
# Forms in names that JIS X 0208 has under the letter behind them (NEC and IBM extensions, JIS X 0213, the family register).
_IN_NAMES: Final = {
    "髙": "高", "﨑": "崎", "嵜": "崎", "邉": "辺", "濵": "浜", "栁": "柳", "桒": "桑", "槗": "橋",
    "𠮷": "吉", "冨": "富", "嶋": "島", "嶌": "島", "峯": "峰", "舘": "館",
}  # fmt: skip
_FORMS: Final = str.maketrans(dict(zip(_OLDER, _PRESENT, strict=True)) | _IN_NAMES)
_ANY_MARK: Final = re.compile(f"[{re.escape(''.join(map(chr, _MARKS)))}]")
_ANY_FORM: Final = re.compile(f"[{''.join(map(chr, _FORMS))}]")


# ー and ｰ are what the minus key gives in kana input.
_DASHES: Final = frozenset("-－−‐‑‒–—―ーｰ─━")


def is_dash(text: str) -> bool:
    """Whether nothing stands there but a dash, however it is typed, or several: 「-」, 「―」, 「－ －」."""
    marks = set("".join(text.split()))
    return bool(marks) and marks <= _DASHES


def same_letters(text: str) -> str:
    """The text with one letter for each meaning: without regard to width, case, encoding and the form of a kanji."""
    # Few texts hold any of them, and to look is ten times as fast as to translate.
    marked = text.translate(_MARKS) if _ANY_MARK.search(text) else text
    plain = unicodedata.normalize("NFKC", marked).casefold()
    return plain.translate(_FORMS) if _ANY_FORM.search(plain) else plain


def folded(text: str) -> str:
    """The one key by which texts are compared and searched: the same letters, without spaces (山田　太郎 is 山田太郎)."""
    return "".join(same_letters(text).split())
