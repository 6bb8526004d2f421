//! Which names this server answers to, and from which pages it takes commands.
//!
//! Invariant: while the API is open to whoever reaches it, a web page that was not served by this machine can neither
//! read from it (DNS rebinding) nor command it (cross-site requests). It tells pages apart, not people: that is left
//! to what stands before a server that other machines reach.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Uri, header,
    uri::{Authority, Parts},
};

use reqwest::Url;

use crate::cli::{HostArgs, is_this_machine};

/// What a browser says of where a request comes from (W3C Fetch Metadata); scripts can't set it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What requests may be meant for.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    /// The host names; `None` takes any.
    names: Option<Arc<[String]>>,
    /// Whether any address is as good as a name.
    takes_addresses: bool,
    /// The one origin of the pages that may change something; without one those of any host above may.
    origin: Option<Arc<str>>,
}

impl Hosts {
    /// This machine's own names, and some more. An open API on loopback must not be reachable by a web page whose name
    /// was pointed at this machine (DNS rebinding).
    pub(crate) fn local_and(more: &[String]) -> Self {
        let local = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
        let all: Vec<String> = local.into_iter().chain(more.iter().cloned()).collect();
        Self {
            names: Some(all.into()),
            takes_addresses: false,
            origin: None,
        }
    }

    /// Any name: for a server that a proxy stands before.
    pub(crate) const fn any() -> Self {
        Self {
            names: None,
            takes_addresses: true,
            origin: None,
        }
    }

    /// The name under which browsers know these pages, and some more. What asks how the process is doing asks for the address
    /// that it has just now, which is no name that a page elsewhere could have; but what such a page sends is not ours.
    pub(crate) fn of_pages(public: &Url, more: &[String]) -> Self {
        let host = public.host_str().map(str::to_owned);
        let names: Vec<String> = host.into_iter().chain(more.iter().cloned()).collect();
        Self {
            takes_addresses: true,
            origin: (!is_this_machine(public))
                .then(|| public.origin().ascii_serialization().into()),
            ..Self::local_and(&names)
        }
    }

    /// The same and the address that the server is bound to, which no page's name can be. One that stands for all of
    /// the machine's addresses is nobody's host.
    pub(super) fn and_bound(self, ip: IpAddr) -> Self {
        let Some(known) = &self.names else {
            return self;
        };
        if ip.is_unspecified() {
            return self;
        }
        let host = match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self {
            names: Some(known.iter().cloned().chain([host]).collect()),
            ..self
        }
    }

    /// Whether a request for this host is for this server.
    pub(super) fn admit(&self, authority: Option<&Authority>) -> bool {
        self.knows(authority) || (self.takes_addresses && authority.is_some_and(is_address))
    }

    fn knows(&self, authority: Option<&Authority>) -> bool {
        match (&self.names, authority) {
            (None, _) => true,
            (Some(allowed), Some(authority)) => allowed
                .iter()
                .any(|host| host.eq_ignore_ascii_case(authority.host())),
            (Some(_), None) => false,
        }
    }

    /// Whether a request may change something: not if a page of another site sent it. A browser sends a POST without a
    /// body for any page, without asking the server first; programs that are no browsers send neither header.
    pub(super) fn admit_change(&self, method: &Method, headers: &HeaderMap) -> bool {
        if self.names.is_none() || method.is_safe() {
            return true;
        }
        let is_cross_site = |site: &HeaderValue| site == "cross-site";
        let is_ours = |origin: &HeaderValue| match &self.origin {
            // Another port or scheme of the same host may be anybody's.
            Some(ours) => origin.as_bytes() == ours.as_bytes(),
            None => self.knows(host_of(origin).as_ref()),
        };
        !headers.get_all(SEC_FETCH_SITE).iter().any(is_cross_site)
            && headers.get_all(header::ORIGIN).iter().all(is_ours)
    }
}

/// Whether a host is an address, and no name.
fn is_address(authority: &Authority) -> bool {
    let host = authority.host().trim_matches(['[', ']']);
    host.parse::<IpAddr>().is_ok()
}

/// The host of an origin such as `http://localhost:8088`; `null`, which hides it, has none.
fn host_of(origin: &HeaderValue) -> Option<Authority> {
    let origin: Uri = origin.to_str().ok()?.parse().ok()?;
    match origin.into_parts() {
        Parts {
            scheme: Some(_),
            authority,
            ..
        } => authority,
        _ => None,
    }
}

/// On loopback the API is open, so it answers to known names only; elsewhere it stands behind something that has names. There
/// whatever asks how the process is doing asks for an address.
pub(crate) fn hosts_for(addr: SocketAddr, args: &HostArgs) -> Hosts {
    let is_loopback = addr.ip().is_loopback();
    if !is_loopback && args.allowed.is_empty() {
        return Hosts::any();
    }
    Hosts {
        takes_addresses: !is_loopback,
        ..Hosts::local_and(&args.allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn ours() -> Hosts {
        Hosts::local_and(&["shop.example".to_owned()])
    }

    #[rstest]
    #[case("localhost:8088", true)]
    #[case("LOCALHOST", true)]
    #[case("127.0.0.1:8088", true)]
    #[case("[::1]:8088", true)]
    #[case("shop.example", true)]
    #[case("evil.example:8088", false)]
    #[case("localhost.evil.example", false)]
    #[case("127.0.0.1.nip.io", false)]
    #[case("localhost@evil.example", false)]
    fn only_known_hosts_are_answered(#[case] host: &str, #[case] is_admitted: bool) {
        assert_eq!(ours().admit(host.parse().ok().as_ref()), is_admitted);
    }

    #[test]
    fn who_asks_for_the_address_of_a_process_that_others_reach_is_answered_beside_its_names() {
        let args = HostArgs {
            allowed: vec!["shop.example".to_owned()],
        };
        let admits = |listen: &str, host: &str| {
            let hosts = hosts_for(listen.parse().unwrap(), &args);
            hosts.admit(host.parse().ok().as_ref())
        };
        assert!(admits("0.0.0.0:8081", "10.0.0.7:8081"));
        assert!(admits("0.0.0.0:8081", "shop.example"));
        assert!(!admits("0.0.0.0:8081", "evil.example"));
        assert!(!admits("127.0.0.1:8081", "10.0.0.7:8081"));
    }

    #[test]
    fn a_request_without_a_host_is_not_answered() {
        assert!(!Hosts::local_and(&[]).admit(None));
        assert!(Hosts::any().admit(None));
    }

    #[rstest]
    #[case("127.0.0.2", "127.0.0.2:8088", true)]
    #[case("::2", "[::2]:8088", true)]
    #[case("127.0.0.2", "127.0.0.3:8088", false)]
    #[case("0.0.0.0", "0.0.0.0:8088", false)]
    #[case("::", "[::]:8088", false)]
    fn the_bound_address_is_a_host(#[case] ip: IpAddr, #[case] host: &str, #[case] admitted: bool) {
        let hosts = ours().and_bound(ip);
        assert_eq!(hosts.admit(host.parse().ok().as_ref()), admitted);
    }

    #[rstest]
    #[case("shop.example", true)]
    #[case("localhost:8085", true)]
    #[case("10.0.0.7:8085", true)]
    #[case("[fd00::7]:8085", true)]
    #[case("evil.example", false)]
    #[case("10.0.0.7.nip.io", false)]
    fn pages_are_served_under_their_name_and_to_who_asks_for_an_address(
        #[case] host: &str,
        #[case] is_admitted: bool,
    ) {
        let pages = Hosts::of_pages(&"https://shop.example".parse().unwrap(), &[]);
        assert_eq!(pages.admit(host.parse().ok().as_ref()), is_admitted);
        let origin = HeaderValue::try_from(format!("https://{host}")).unwrap();
        let headers = HeaderMap::from_iter([(header::ORIGIN, origin)]);
        assert_eq!(
            pages.admit_change(&Method::POST, &headers),
            host == "shop.example"
        );
    }

    #[rstest]
    #[case("https://shop.example", true)]
    #[case("https://shop.example:8443", false)]
    #[case("http://shop.example", false)]
    #[case("http://localhost:3000", false)]
    fn a_page_at_another_port_or_in_the_clear_is_another_site(
        #[case] origin: &'static str,
        #[case] is_ours: bool,
    ) {
        let pages = Hosts::of_pages(&"https://shop.example".parse().unwrap(), &[]);
        let origin = HeaderValue::from_static(origin);
        let headers = HeaderMap::from_iter([(header::ORIGIN, origin)]);
        assert_eq!(pages.admit_change(&Method::POST, &headers), is_ours);
    }

    #[rstest]
    #[case::no_browser(&[], true)]
    #[case::own_page(&[("origin", "http://localhost:8088"), ("sec-fetch-site", "same-origin")], true)]
    #[case::own_machine(&[("origin", "http://127.0.0.1:3000"), ("sec-fetch-site", "same-site")], true)]
    #[case::ipv6(&[("origin", "http://[::1]:8088")], true)]
    #[case::allowed(&[("origin", "https://SHOP.example")], true)]
    #[case::typed_address(&[("sec-fetch-site", "none")], true)]
    #[case::other_site(&[("origin", "https://evil.example")], false)]
    #[case::other_site_by_metadata(&[("sec-fetch-site", "cross-site")], false)]
    #[case::other_name_of_ours(&[("origin", "http://localhost"), ("sec-fetch-site", "cross-site")], false)]
    #[case::hidden(&[("origin", "null")], false)]
    #[case::no_scheme(&[("origin", "localhost")], false)]
    #[case::look_alike(&[("origin", "http://localhost.evil.example")], false)]
    #[case::user_part(&[("origin", "http://localhost@evil.example")], false)]
    #[case::extension(&[("origin", "chrome-extension://localhosts")], false)]
    #[case::second_origin(&[("origin", "http://localhost"), ("origin", "https://evil.example")], false)]
    #[case::no_text(&[("origin", "http://localhost\u{e9}")], false)]
    #[case::empty(&[("origin", "")], false)]
    fn only_our_own_pages_may_change_something(
        #[case] given: &[(&'static str, &str)],
        #[case] is_admitted: bool,
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            headers.append(HeaderName::from_static(name), value);
        }
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            assert_eq!(ours().admit_change(&method, &headers), is_admitted);
            assert!(Hosts::any().admit_change(&method, &headers));
        }
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            assert!(ours().admit_change(&method, &headers));
        }
    }
}
