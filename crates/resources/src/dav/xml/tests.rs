//! Documents as they should be and as they should not.

use super::*;

/// Reads a document to its end, whatever is in it.
fn read(content: &[u8]) -> Result<(), XmlError> {
    let text = decode(content)?;
    let (mut document, _) = Document::open(&text)?;
    document.skip()?;
    document.finish()
}

/// What the root holds, by itself.
fn inner(content: &str) -> String {
    let text = decode(content.as_bytes()).expect("a text");
    let (mut document, _) = Document::open(&text).expect("a root");
    let inner = document.inner().expect("a value");
    document.finish().expect("an end");
    String::from_utf8(inner).expect("UTF-8")
}

fn text_of(content: &str) -> String {
    let text = decode(content.as_bytes()).expect("a text");
    let (mut document, _) = Document::open(&text).expect("a root");
    let text = document.text().expect("a text");
    document.finish().expect("an end");
    text
}

#[test]
fn what_is_well_formed_is_read() {
    for content in [
        "<a/>",
        "<a></a >",
        "<a\n b = '1'\tc=\"'&lt;>\"  />",
        "<?xml version='1.0'?><a/>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes' ?>\r\n<a/>\n",
        "<?xml version='1.1' encoding='us-ascii'?><a/>",
        "\u{feff}<a/>",
        "<!-- - --><a/>",
        "<a><!-- <b> & --><?php if (a < b) ?></a><?x?><!---->",
        "<a>&amp;&lt;&gt;&quot;&apos;&#65;&#x1F600;</a>",
        "<a><![CDATA[<b>&]]]]><![CDATA[>]]></a>",
        "<a xmlns='x' xmlns:b='y'><b:c b:d='1' d='1' xmlns=''/></a>",
        "<a xml:lang='en' xml:space='preserve'/>",
        "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
        "<é-1.·:ü xmlns:é-1.·='x'/>",
        "<a>]] ></a>",
    ] {
        assert_eq!(read(content.as_bytes()), Ok(()), "{content}");
    }
}

/// DAV-002: each of these is answered by 400.
#[test]
fn what_is_not_well_formed_is_refused() {
    for content in [
        "",
        " ",
        "a",
        "<a>",
        "<a",
        "</a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>b",
        "b<a/>",
        "<a/>&amp;",
        "<a/><![CDATA[]]>",
        "< a/>",
        "<a / >",
        "<1/>",
        "<a:/>",
        "<:a/>",
        "<a:b:c xmlns:a='x'/>",
        "<a b/>",
        "<a b=/>",
        "<a b=c/>",
        "<a b='1'c='2'/>",
        "<a b='1' b='2'/>",
        "<a 1b='1'/>",
        "<a b='<'/>",
        "<a b='&'/>",
        "<a b='&x;'/>",
        "<a xmlns:x='n' xmlns:y='n' x:b='1' y:b='2'/>",
        "<a>&</a>",
        "<a>&x;</a>",
        "<a>&#0;</a>",
        "<a>&#xD800;</a>",
        "<a>&#x110000;</a>",
        "<a>&#+65;</a>",
        "<a>&#;</a>",
        "<a>&#X41;</a>",
        "<a>]]></a>",
        "<a><![CDATA[</a>",
        "<a><!-- -- --></a>",
        "<a><!-- ---></a>",
        "<a><!- x --></a>",
        "<a><?xml version='1.0'?></a>",
        "<a><?XML x?></a>",
        "<a><? x?></a>",
        " <?xml version='1.0'?><a/>",
        "<?xml?><a/>",
        "<?xml version='2.0'?><a/>",
        "<?xml encoding='utf-8'?><a/>",
        "<?xml version='1.0' standalone='maybe'?><a/>",
        "<?xml version='1.0' standalone='no' encoding='utf-8'?><a/>",
        "<a>\u{1}</a>",
        "<a>\u{fffe}</a>",
        "<a>\0</a>",
    ] {
        let read = read(content.as_bytes());
        assert!(matches!(read, Err(XmlError::NotWellFormed { .. })), "{content:?} {read:?}");
    }
}

/// DAV-002: a prefix that means nothing is a mistake of the same kind; a suite of tests for servers sends `xmlns:ns1=""`.
#[test]
fn a_prefix_must_be_bound() {
    for content in [
        "<x:a/>",
        "<a x:b='1'/>",
        "<a><x:b xmlns:x='n'/><x:c/></a>",
        "<D:propfind xmlns:D='DAV:' xmlns:ns1=''/>",
        "<a xmlns:xmlns='x'/>",
        "<xmlns:a/>",
        "<a xmlns:xml='x'/>",
        "<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
    ] {
        let read = read(content.as_bytes());
        assert!(matches!(read, Err(XmlError::Namespace { .. })), "{content:?} {read:?}");
    }
}

/// DAV-004: no document type, whatever it declares, so neither a file nor a bomb is ever looked at.
#[test]
fn a_document_type_is_refused() {
    for content in [
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;&x;'>]><a>&y;</a>",
        "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://h/x'> %x;]><a/>",
    ] {
        assert_eq!(read(content.as_bytes()), Err(XmlError::ExternalEntities), "{content}");
    }
}

/// RFC 4918 §8.2: UTF-8 and UTF-16.
#[test]
fn utf_16_is_read_as_utf_8_is() {
    let content = "<?xml version='1.0' encoding='utf-16'?><a>\u{fc}\u{1f600}</a>";
    let wide = |octets: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xfeff).chain(content.encode_utf16()).flat_map(octets).collect()
    };
    for mut octets in [wide(u16::to_be_bytes), wide(u16::to_le_bytes)] {
        assert_eq!(read(&octets), Ok(()));
        let text = decode(&octets).expect("UTF-16");
        let (mut document, _) = Document::open(&text).expect("a root");
        assert_eq!(document.text(), Ok("\u{fc}\u{1f600}".to_owned()));
        octets.pop();
        assert_eq!(read(&octets), Err(XmlError::NotUtf8));
    }
    for octets in [
        &b"<a>\xff</a>"[..],
        b"<a>\xc3</a>",
        b"\xfe\xff\xd8\x00",
        b"<?xml version='1.0' encoding='iso-8859-1'?><a/>",
        b"<?xml version='1.0' encoding='utf-16'?><a/>",
    ] {
        assert_eq!(read(octets), Err(XmlError::NotUtf8), "{octets:?}");
    }
}

#[test]
fn each_limit_is_held() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth)).into_bytes();
    assert_eq!(read(&nested(limits::XML_DEPTH)), Ok(()));
    assert_eq!(read(&nested(limits::XML_DEPTH + 1)), Err(XmlError::TooDeep));
    assert_eq!(read(&b"<a>".repeat(100_000)), Err(XmlError::TooDeep));
    let long = |length: usize| format!("<a>{}</a>", "x".repeat(length - 7)).into_bytes();
    assert_eq!(read(&long(limits::XML)), Ok(()));
    assert_eq!(read(&long(limits::XML + 1)), Err(XmlError::TooLarge));
    let attributes = |count: usize| {
        let attributes: String = (0..count).map(|nth| format!(" a{nth}=''")).collect();
        format!("<a{attributes}/>").into_bytes()
    };
    assert_eq!(read(&attributes(limits::XML_ATTRIBUTES)), Ok(()));
    assert_eq!(read(&attributes(limits::XML_ATTRIBUTES + 1)), Err(XmlError::TooLarge));
    let bindings = |count: usize| {
        let declared = |from: usize, to: usize| (from..to).map(|n| format!(" xmlns:p{n}='x'")).collect::<String>();
        let half = count / 2;
        format!("<a{}><b{}/></a>", declared(0, half), declared(half, count)).into_bytes()
    };
    assert_eq!(read(&bindings(limits::XML_NAMESPACES)), Ok(()));
    assert_eq!(read(&bindings(limits::XML_NAMESPACES + 2)), Err(XmlError::TooLarge));
}

#[test]
fn text_is_what_it_stands_for() {
    assert_eq!(text_of("<a> b&amp;c&#x20;<x>not this</x><![CDATA[<d>]]><!-- nor this -->\r\ne\r </a>"), "b&c <d>\ne");
    assert_eq!(text_of("<a/>"), "");
}

#[test]
fn names_and_languages_are_those_in_force() {
    let text = decode(b"<a xmlns='n' xml:lang='en'><b xml:lang=''><c xmlns=''/></b><p:d xmlns:p='x&amp;y&#10;z'/></a>");
    let text = text.expect("a text");
    let (mut document, root) = Document::open(&text).expect("a root");
    assert_eq!((root.space.as_str(), root.local.as_str(), document.language()), ("n", "a", Some("en")));
    let mut child = || {
        let name = document.child().expect("well formed");
        (name.map(|name| format!("{{{}}}{}", name.space, name.local)), document.language().map(str::to_owned))
    };
    let english = Some("en".to_owned());
    assert_eq!(child(), (Some("{n}b".to_owned()), None));
    assert_eq!(child(), (Some("{}c".to_owned()), None));
    assert_eq!(child(), (None, None), "out of c, within b");
    assert_eq!(child(), (None, english.clone()), "out of b, within a");
    assert_eq!(child(), (Some("{x&y\nz}d".to_owned()), english));
}

/// RFC 4918 §4.3: a value stays what it means, wherever it is put.
#[test]
fn a_value_stands_by_itself() {
    for (content, expected) in [
        ("<a/>", ""),
        ("<a> text &amp; &#65536; \u{10000}</a>", " text &amp; &#65536; \u{10000}"),
        ("<a><b/><b></b></a>", "<b/><b></b>"),
        ("<a><![CDATA[<&]]><!-- gone --><?gone?>x</a>", "<![CDATA[<&]]>x"),
        ("<a xmlns='n'><b c='1'/>t<d/></a>", "<b xmlns=\"n\" c='1'/>t<d xmlns=\"n\"/>"),
        ("<p:a xmlns:p='n&amp;m'><p:b><p:c/></p:b></p:a>", "<p:b xmlns:p=\"n&amp;m\"><p:c/></p:b>"),
        ("<a xmlns:p='n' xmlns:q='m'><b><p:c q:d='1'/></b></a>", "<b xmlns:p=\"n\" xmlns:q=\"m\"><p:c q:d='1'/></b>"),
        ("<a xmlns:p='n'><b xmlns:p='m'><p:c/></b></a>", "<b xmlns:p='m'><p:c/></b>"),
        ("<a xmlns='n'><b xmlns=''><c/></b></a>", "<b xmlns=''><c/></b>"),
        ("<a xmlns='n'><b xmlns=''><c/></b><d/></a>", "<b xmlns=''><c/></b><d xmlns=\"n\"/>"),
        ("<a xml:lang='en'><b xml:lang='de'/></a>", "<b xml:lang='de'/>"),
    ] {
        assert_eq!(inner(content), expected, "{content}");
    }
}

/// Numbers without an order, the same at each run (Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % most
    }
}

/// Whatever is sent, reading ends, and says what was wrong within what was sent.
#[test]
fn any_octets_are_read_to_an_end() {
    let mut dice = Dice(0x5eed);
    for _ in 0..20_000 {
        let octets: Vec<u8> = (0..dice.below(60)).map(|_| b"<>/!?&;'\"= -[]x:\xc3\xa9\xff\0"[dice.below(20)]).collect();
        if let Err(XmlError::NotWellFormed { at } | XmlError::Namespace { at }) = read(&octets) {
            assert!(at <= octets.len(), "{octets:?}");
        }
    }
}

const PIECES: [&str; 28] = [
    "<p:b>",
    "</p:b>",
    "<b p:c='1'>",
    "<b xmlns='k'>",
    "</b>",
    "<d/>",
    "<p:d/>",
    "&amp;",
    "&#xe9;",
    "&",
    "<!--",
    "-->",
    "<!-- x -->",
    "<![CDATA[",
    "]]>",
    "<![CDATA[<x>]]>",
    "<?x y?>",
    "<?x",
    "<!DOCTYPE a>",
    "<",
    ">",
    "\"",
    " ",
    "x",
    "é",
    "<q:e xmlns:q='n'>",
    "</q:e>",
    "\r\n",
];

/// The same of what looks like XML; and a value that is taken can be read again, and stays the same.
#[test]
fn a_value_is_read_again_as_it_was() {
    let mut dice = Dice(0xb0a7);
    let mut taken = 0;
    for _ in 0..60_000 {
        let within: String = (0..dice.below(7)).map(|_| PIECES[dice.below(PIECES.len())]).collect();
        let content = format!("<a xmlns='n' xmlns:p='m'>{within}</a>");
        let text = decode(content.as_bytes()).expect("UTF-8");
        let (mut document, _) = Document::open(&text).expect("its root is well formed");
        let value = document.inner().and_then(|value| document.finish().map(|()| value));
        assert_eq!(value.is_ok(), read(content.as_bytes()).is_ok(), "{content}");
        if let Ok(value) = value {
            let value = String::from_utf8(value).expect("UTF-8");
            assert_eq!(inner(&format!("<z>{value}</z>")), value, "{content}");
            taken += 1;
        }
    }
    assert!(taken > 5_000, "only {taken} were well formed");
}
