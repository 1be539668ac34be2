//! The address of a vendor, checked once.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
use url::{Host, Url};

use crate::error::BuildError;

/// Whether a host is this machine: `localhost` or a loopback address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a request may go there with whatever it carries: `https`, or plaintext to this machine.
///
/// Only the plainest spelling of this machine counts, so that no two parsers can read two hosts in one address.
pub(crate) fn may_be_sent_to(uri: &Uri) -> bool {
    match uri.scheme_str() {
        Some("https") => true,
        Some("http") => uri.authority().is_some_and(|authority| {
            let host = authority.host();
            let is_plain = authority.as_str().bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'[' | b']')
            });
            let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
            is_plain
                && (host.eq_ignore_ascii_case("localhost")
                    || address.is_some_and(|address| address.is_loopback()))
        }),
        _ => false,
    }
}

/// A base address that is safe to send credentials to: `https`, or `http` on this machine only.
///
/// ```
/// use connector_http::BaseUrl;
/// let base = BaseUrl::parse("https://shop.example/api")?;
/// assert_eq!(base.join(["v1", "orders", "#1001"])?.as_str(), "https://shop.example/api/v1/orders/%231001");
/// assert!(BaseUrl::parse("http://shop.example/").is_err());
/// # Ok::<(), connector_http::BuildError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Checks an address.
    ///
    /// # Errors
    ///
    /// If it is plaintext to another machine, not HTTP at all, or carries credentials, a query or a fragment.
    pub fn new(url: Url) -> Result<Self, BuildError> {
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                return Err(BuildError::new(
                    "base URL: plaintext http is allowed to this machine only",
                ));
            }
            _ => return Err(BuildError::new("base URL: the scheme must be https")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BuildError::new("base URL: must not carry credentials"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BuildError::new(
                "base URL: must not carry a query or a fragment",
            ));
        }
        Ok(Self(url))
    }

    /// Parses and checks an address.
    ///
    /// # Errors
    ///
    /// As [`BaseUrl::new`], and if it is not a URL.
    pub fn parse(text: &str) -> Result<Self, BuildError> {
        Self::new(Url::parse(text).map_err(|_| BuildError::new("base URL: not a URL"))?)
    }

    /// Whether it points at this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// The address.
    #[must_use]
    pub const fn as_url(&self) -> &Url {
        &self.0
    }

    /// Appends path segments, percent-encoding each.
    ///
    /// # Errors
    ///
    /// If a segment is empty, `.`, `..`, or has a control character: those would silently name another resource.
    pub fn join<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Result<Url, BuildError> {
        let mut url = self.0.clone();
        {
            let Ok(mut path) = url.path_segments_mut() else {
                return Err(BuildError::new("base URL: cannot have a path"));
            };
            path.pop_if_empty();
            for segment in segments {
                if segment.is_empty()
                    || segment == "."
                    || segment == ".."
                    || segment.chars().any(char::is_control)
                {
                    return Err(BuildError::new(
                        "path segment: empty, a dot segment, or with a control character",
                    ));
                }
                path.push(segment);
            }
        }
        Ok(url)
    }

    /// Appends a configured path such as `/v1/orders`, segment by segment.
    ///
    /// # Errors
    ///
    /// As [`BaseUrl::join`].
    pub fn join_path(&self, path: &str) -> Result<Url, BuildError> {
        self.join(path.trim_matches('/').split('/'))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BaseUrl").field(&self.0.as_str()).finish()
    }
}

/// Turns a URL into the form that `http::Request` holds.
///
/// # Errors
///
/// If the address is longer than `http` allows.
pub fn request_uri(url: &Url) -> Result<Uri, BuildError> {
    url.as_str()
        .parse()
        .map_err(|_| BuildError::new("request address: too long or not a URI"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plaintext_stays_on_this_machine() {
        for good in [
            "https://a.example",
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://[::1]:1",
        ] {
            assert!(BaseUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example",
            "http://localhost.example",
            "http://10.0.0.1",
            "ftp://localhost",
            "https://u:p@a.example",
            "https://a.example/?x=1",
            "nonsense",
        ] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn requests_stay_on_this_machine_too() {
        for good in [
            "https://a.example/x",
            "http://localhost:8080/x?y",
            "http://LOCALHOST/",
            "http://127.0.0.1/",
            "http://127.1.2.3:9/",
            "http://[::1]:1/",
        ] {
            assert!(may_be_sent_to(&good.parse().unwrap()), "{good}");
        }
        for bad in [
            "http://a.example/",
            "http://localhost.example/",
            "http://localhost@a.example/",
            "http://127.0.0.1:80@a.example/",
            "http://user@127.0.0.1/",
            "http://127.0.0.1.example/",
            "http://0.0.0.0/",
            "http://10.0.0.1/",
            "http://[::ffff:10.0.0.1]/",
            "ftp://localhost/",
            "/only/a/path",
        ] {
            assert!(!may_be_sent_to(&bad.parse().unwrap()), "{bad}");
        }
    }

    #[test]
    fn segments_cannot_escape() {
        let base = BaseUrl::parse("https://a.example/base/").unwrap();
        assert_eq!(
            base.join(["x", "a/b?c%d"]).unwrap().as_str(),
            "https://a.example/base/x/a%2Fb%3Fc%25d"
        );
        for bad in ["", ".", "..", "a\nb"] {
            assert!(base.join(["x", bad]).is_err(), "{bad:?}");
        }
        assert_eq!(
            base.join_path("/v1/orders").unwrap().as_str(),
            "https://a.example/base/v1/orders"
        );
    }
}
