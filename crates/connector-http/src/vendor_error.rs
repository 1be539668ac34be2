//! What a vendor says in an error body.

use std::fmt;

/// One complaint of the vendor.
///
/// The message is the vendor's own text and may repeat personal data that was sent, so `Debug` masks it; code and
/// pointer are printed only when they look like a code and a pointer.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct VendorError {
    code: Option<String>,
    message: Option<String>,
    pointer: Option<String>,
}

impl VendorError {
    /// A complaint. Empty texts count as absent.
    #[must_use]
    pub fn new(code: Option<String>, message: Option<String>, pointer: Option<String>) -> Self {
        let present = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        Self {
            code: present(code),
            message: present(message),
            pointer: present(pointer),
        }
    }

    /// The vendor's machine code.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The vendor's text, which **may carry personal data**: not for logs.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Where in the request, in the vendor's own notation.
    #[must_use]
    pub fn pointer(&self) -> Option<&str> {
        self.pointer.as_deref()
    }

    /// Whether nothing was said at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.code.is_none() && self.message.is_none() && self.pointer.is_none()
    }
}

/// Prints a text only if it is short and made of the characters of identifiers and pointers.
fn plain(text: Option<&str>) -> Option<&str> {
    text.map(|text| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./[]~$:".contains(c);
        if text.len() <= 96 && text.chars().all(plain) {
            text
        } else {
            "***"
        }
    })
}

impl fmt::Debug for VendorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VendorError")
            .field("code", &plain(self.code()))
            .field("message", &self.message.as_ref().map(|_| "***"))
            .field("pointer", &plain(self.pointer()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_codes_and_masks_texts() {
        let error = VendorError::new(
            Some("cart-empty".into()),
            Some("goods-in@example.com is unknown".into()),
            Some("/customer/goods in".into()),
        );
        let text = format!("{error:?}");
        assert!(text.contains("cart-empty"), "{text}");
        assert!(!text.contains("goods"), "{text}");
        assert!(VendorError::new(Some(" ".into()), None, None).is_empty());
    }
}
