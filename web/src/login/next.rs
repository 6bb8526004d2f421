//! Where somebody goes on once they have logged in.
//!
//! Invariant: it is a page of this site. An address comes from whoever made the link, and browsers read `//evil` and `/\evil` as
//! another site.

/// Where one goes who does not say, or names another site.
pub(super) const ELSE: &str = "/ui/orders";

/// The longest address; those of pages with every filter are shorter.
const BYTES_MAX: usize = 2_048;

/// The address, if it is that of a page of ours.
pub(super) fn of(text: &str) -> &str {
    if is_ours(text) { text } else { ELSE }
}

fn is_ours(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let is_page = path == "/" || path == "/ui" || path.starts_with("/ui/");
    // Browsers leave out tabs and line breaks, and take a backslash for a slash.
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    // A segment of dots would lead out of here again, and none of our addresses has a dot.
    let has_dots = path.contains('.') || path.to_ascii_lowercase().contains("%2e");
    let leads_on = !has_dots && ![super::LOG_IN_PATH, super::LOG_OUT_PATH].contains(&path);
    is_page && is_plain && leads_on && text.len() <= BYTES_MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("/")]
    #[case("/?state=placed")]
    #[case("/ui")]
    #[case("/ui/orders?state=placed&productId=7")]
    #[case("/ui/orders/0bff1311-4371-507b-bccd-aa96e86ad0f3#v2")]
    fn a_page_of_ours_is_gone_on_to(#[case] next: &str) {
        assert_eq!(of(next), next);
    }

    #[rstest]
    #[case::nothing("")]
    #[case::other_site("https://evil.example/ui/orders")]
    #[case::scheme("https:")]
    #[case::script("javascript:alert(1)")]
    #[case::no_scheme("//evil.example")]
    #[case::no_scheme_below("//evil.example/ui/orders")]
    #[case::backslash("/\\evil.example")]
    #[case::backslashes("\\\\evil.example")]
    #[case::backslash_below("/ui/..\\..\\\\evil.example")]
    #[case::dots("/ui/..//evil.example")]
    #[case::dots_escaped("/ui/%2E%2e//evil.example")]
    #[case::tab("/\t/evil.example")]
    #[case::line_break("/ui/orders\r\nset-cookie: a=b")]
    #[case::space(" /ui/orders")]
    #[case::not_ascii("/ui/\u{e9}")]
    #[case::relative("ui/orders")]
    #[case::no_page("/orders")]
    #[case::look_alike("/uievil")]
    #[case::round_and_round("/ui/login?next=/ui/login")]
    #[case::out_again("/ui/logout")]
    #[case::long(&format!("/ui/orders?{}", "a".repeat(2_048)))]
    fn anything_else_leads_to_the_orders(#[case] next: &str) {
        assert_eq!(of(next), ELSE);
    }
}
