//! Sessions, as a browser and a thief meet them.

use axum::http::header;
use rstest::rstest;

use super::*;

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const HOUR: Duration = Duration::from_secs(3600);
const TOKEN: &str = "ot_0123456789abcdef_a-credential-that-nobody-else-may-see-0";

fn key(digit: char) -> SessionKey {
    SessionKey::parse(&format!("{}0f", digit.to_string().repeat(62))).unwrap()
}

fn sessions(transport: Transport) -> Sessions {
    Sessions::new(key('1'), Vec::new(), transport)
}

fn begin(sessions: &Sessions) -> String {
    let credential = Credential::parse(TOKEN).unwrap();
    let cookie = sessions.begin(&credential, None, NOW).unwrap();
    cookie.to_str().unwrap().to_owned()
}

/// What a browser sends back.
fn sent(cookie: &str) -> HeaderMap {
    let pair = cookie.split(';').next().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, format!("a=b; {pair}; c=d").parse().unwrap());
    headers
}

#[rstest]
#[case(
    Transport::Https,
    "__Host-ordertrace=",
    "; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure"
)]
#[case(
    Transport::PlainLoopback,
    "ordertrace=",
    "; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"
)]
fn a_session_is_kept_where_no_script_reads_it(
    #[case] transport: Transport,
    #[case] name: &str,
    #[case] attributes: &str,
) {
    let sessions = sessions(transport);
    let cookie = begin(&sessions);
    assert!(
        cookie.starts_with(name) && cookie.ends_with(attributes),
        "{cookie}"
    );
    let session = sessions.read(&sent(&cookie), NOW).unwrap();
    assert_eq!(session.credential().expose(), TOKEN);
    assert_eq!(session.expires_at(), NOW.after(SESSION_MAX));
    let shown = session.authorization();
    assert_eq!(shown.to_str().unwrap(), format!("Bearer {TOKEN}"));
    assert!(shown.is_sensitive());
    assert!(!format!("{session:?}{sessions:?}").contains("nobody-else"));
    let end = sessions.end();
    let end = end.to_str().unwrap();
    assert!(
        end.starts_with(&format!("{name}; ")) && end.contains("Max-Age=0"),
        "{end}"
    );
}

#[test]
fn a_session_ends_no_later_than_its_credential() {
    let sessions = sessions(Transport::Https);
    let credential = Credential::parse(TOKEN).unwrap();
    let ends = NOW.after(HOUR);
    let cookie = sessions.begin(&credential, Some(ends), NOW).unwrap();
    let cookie = cookie.to_str().unwrap();
    assert!(cookie.contains("Max-Age=3600"), "{cookie}");
    let just_before = ends.before(Duration::from_micros(1));
    assert!(sessions.read(&sent(cookie), just_before).is_some());
    assert!(sessions.read(&sent(cookie), ends).is_none());
    assert_eq!(
        sessions.begin(&credential, Some(NOW), NOW),
        Err(SealError::Ended)
    );
}

#[test]
fn a_cookie_of_others_is_theirs_in_whichever_letters() {
    let sessions = sessions(Transport::Https);
    let cookie = begin(&sessions);
    let pair = cookie.split(';').next().unwrap();
    let mut headers = HeaderMap::new();
    let beside = [
        b"lang=\xc3\xa9; ".as_slice(),
        b"odd=\xff; ",
        pair.as_bytes(),
    ]
    .concat();
    let beside = axum::http::HeaderValue::from_bytes(&beside).unwrap();
    headers.insert(header::COOKIE, beside);
    assert!(sessions.read(&headers, NOW).is_some());
}

#[test]
fn a_cookie_that_was_changed_anywhere_is_of_no_use() {
    let sessions = sessions(Transport::Https);
    let cookie = begin(&sessions);
    let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
    for place in 0..value.len() {
        let mut changed = value.as_bytes().to_vec();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = format!("{name}={}", String::from_utf8(changed).unwrap());
        assert!(sessions.read(&sent(&changed), NOW).is_none(), "{place}");
    }
    for length in [0, 5, 16, 40, value.len() - 1] {
        let cut = format!("{name}={}", &value[..length]);
        assert!(sessions.read(&sent(&cut), NOW).is_none());
    }
}

#[test]
fn a_cookie_sealed_with_another_key_is_of_no_use_unless_it_was_ours_before() {
    let cookie = begin(&sessions(Transport::Https));
    let strange = Sessions::new(key('2'), Vec::new(), Transport::Https);
    assert!(strange.read(&sent(&cookie), NOW).is_none());
    let changed = Sessions::new(key('2'), vec![key('1')], Transport::Https);
    assert!(changed.read(&sent(&cookie), NOW).is_some());
    let cookie = begin(&changed);
    assert!(
        sessions(Transport::Https)
            .read(&sent(&cookie), NOW)
            .is_none()
    );
}

#[test]
fn a_cookie_that_could_have_been_planted_is_of_no_use() {
    let https = sessions(Transport::Https);
    let plain = begin(&sessions(Transport::PlainLoopback));
    assert!(https.read(&sent(&plain), NOW).is_none());
    let mut two = sent(&begin(&https));
    two.append(header::COOKIE, "__Host-ordertrace=planted".parse().unwrap());
    assert!(matches!(https.of(&two, NOW), Kept::Useless));
    assert!(matches!(https.of(&HeaderMap::new(), NOW), Kept::Nothing));
}

#[test]
fn only_the_session_s_own_token_goes_with_its_forms() {
    let sessions = sessions(Transport::Https);
    let [one, other] = [(), ()].map(|()| {
        let cookie = begin(&sessions);
        sessions.read(&sent(&cookie), NOW).unwrap()
    });
    assert!(one.check_csrf(one.csrf_token()));
    assert_eq!(one.csrf_token().len(), 43);
    for wrong in [other.csrf_token(), "", &one.csrf_token()[1..]] {
        assert!(!one.check_csrf(wrong));
    }
}

#[test]
fn the_longest_credential_fits_into_a_cookie_and_a_longer_one_is_refused() {
    let sessions = sessions(Transport::Https);
    let credential = |bytes| Credential::parse(&"a".repeat(bytes)).unwrap();
    let longest = credential(SESSION_CREDENTIAL_BYTES_MAX);
    assert!(sessions.begin(&longest, None, NOW).unwrap().len() <= 4_096);
    let longer = credential(SESSION_CREDENTIAL_BYTES_MAX + 1);
    assert_eq!(sessions.begin(&longer, None, NOW), Err(SealError::TooLong));
}

#[rstest]
#[case("", InvalidSessionKey::Form)]
#[case(&"1".repeat(63), InvalidSessionKey::Form)]
#[case(&"g".repeat(64), InvalidSessionKey::Form)]
#[case(&"+f".repeat(32), InvalidSessionKey::Form)]
#[case(&"0".repeat(64), InvalidSessionKey::NotRandom)]
#[case(&"1".repeat(64), InvalidSessionKey::NotRandom)]
fn what_can_be_guessed_is_no_key(#[case] text: &str, #[case] why: InvalidSessionKey) {
    assert_eq!(SessionKey::parse(text).unwrap_err(), why);
}
