//! Of which types tokens may be.

/// Which values of `typ` are taken. A token that has none may be anything the issuer signs, such as an identity token that
/// any page of anybody can get hold of; it is never taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TokenTypes {
    /// `at+jwt`, which says that it is an access token (RFC 9068), and `JWT`, which most issuers write.
    #[default]
    AccessOrPlain,
    /// `at+jwt` only.
    AccessOnly,
}

impl TokenTypes {
    /// Whether a token of this `typ` is taken. It is a media type whose `application/` may be left out (RFC 7515, 4.1.9).
    pub(super) fn has(self, typ: &str) -> bool {
        const MEDIA: &str = "application/";
        let is_media = typ
            .get(..MEDIA.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(MEDIA));
        let name = if is_media { &typ[MEDIA.len()..] } else { typ };
        let is_plain = name.eq_ignore_ascii_case("jwt");
        name.eq_ignore_ascii_case("at+jwt") || (is_plain && self == Self::AccessOrPlain)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("at+jwt", true, true)]
    #[case("application/at+jwt", true, true)]
    #[case("AT+JWT", true, true)]
    #[case("JWT", true, false)]
    #[case("application/jwt", true, false)]
    #[case("logout+jwt", false, false)]
    #[case("dpop+jwt", false, false)]
    #[case("", false, false)]
    #[case("application/", false, false)]
    #[case("applicatioñ/jwt", false, false)]
    fn a_token_is_taken_by_its_type(
        #[case] typ: &str,
        #[case] is_usual: bool,
        #[case] is_access: bool,
    ) {
        assert_eq!(TokenTypes::AccessOrPlain.has(typ), is_usual);
        assert_eq!(TokenTypes::AccessOnly.has(typ), is_access);
    }
}
