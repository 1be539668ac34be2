//! JSON objects that survive a read and a write.
//!
//! Every object keeps the exact text of all its members. A typed member that was not changed is written back as it was
//! read; so are members that the crate does not know. Numbers are never parsed and printed again, because that rewrites
//! big and odd ones.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::value::RawValue;

/// The members of one object as read, by name. `Debug` shows their number only: any of them may be personal.
#[derive(Clone, Default)]
pub(crate) struct Members(BTreeMap<String, Box<RawValue>>);

impl Members {
    pub(crate) fn parse(raw: &RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok().map(Self)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.get(name).map(|raw| &**raw)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(name, raw)| (name.as_str(), &**raw))
    }

    pub(crate) fn set(&mut self, name: &str, raw: Box<RawValue>) {
        self.0.insert(name.to_owned(), raw);
    }

    /// Reads a typed member, noting it when it is there but unreadable.
    pub(crate) fn read<T: Member>(
        &self,
        name: &'static str,
        unreadable: &mut Vec<&'static str>,
    ) -> T {
        let Some(raw) = self.get(name) else {
            return T::default();
        };
        T::read(raw).unwrap_or_else(|| {
            unreadable.push(name);
            T::default()
        })
    }

    /// What goes on the wire: all members but those that the vendor calculates.
    pub(crate) fn written(&self) -> Self {
        let kept = self.0.iter().filter(|(name, _)| !is_calculated(name));
        Self(
            kept.map(|(name, raw)| (name.clone(), raw.clone()))
                .collect(),
        )
    }

    /// Brings a typed member into what goes on the wire.
    pub(crate) fn write<T: Member>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), serde_json::Error> {
        if is_calculated(name) {
            return Ok(());
        }
        let raw = self.get(name);
        let read = raw.map(T::read);
        let unchanged = match &read {
            Some(Some(read)) => read == value,
            Some(None) | None => *value == T::default(),
        };
        if unchanged {
            // Structures are written anew, so that what is calculated inside them is left out.
            let structured = raw.is_some_and(|raw| raw.get().starts_with(['{', '[']));
            if !T::STRUCTURE || !structured || !matches!(read, Some(Some(_))) {
                return Ok(());
            }
        }
        match value.write()? {
            Some(raw) => self.set(name, raw),
            None => {
                self.0.remove(name);
            }
        }
        Ok(())
    }

    pub(crate) fn to_raw(&self) -> Result<Box<RawValue>, serde_json::Error> {
        serde_json::value::to_raw_value(&self.0)
    }
}

fn is_calculated(name: &str) -> bool {
    name.starts_with("calculated_")
}

impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().all(|(name, raw)| {
                other
                    .get(name)
                    .is_some_and(|other| other.get() == raw.get())
            })
    }
}

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} members", self.0.len())
    }
}

/// A JSON value with a type: a text, a number, an object.
pub(crate) trait Value: Sized {
    /// Whether it is an object that this crate knows, with members of its own to keep.
    const STRUCTURE: bool = false;

    /// `None` if unreadable, `Some(None)` if it stands for "absent".
    fn read_value(raw: &RawValue) -> Option<Option<Self>>;

    fn write_value(&self) -> Result<Box<RawValue>, serde_json::Error>;

    /// Adds the pointers of unreadable members below this one.
    fn collect(&self, path: &str, pointers: &mut Vec<String>) {
        let _ = (path, pointers);
    }
}

/// A member of an object: an optional value, a list, or an object that is always there.
pub(crate) trait Member: Default + PartialEq {
    const STRUCTURE: bool;

    fn read(raw: &RawValue) -> Option<Self>;

    /// `None` leaves the member out.
    fn write(&self) -> Result<Option<Box<RawValue>>, serde_json::Error>;

    fn collect_member(&self, path: &str, pointers: &mut Vec<String>);
}

impl<T: Value + PartialEq> Member for Option<T> {
    const STRUCTURE: bool = T::STRUCTURE;

    fn read(raw: &RawValue) -> Option<Self> {
        if raw.get() == "null" {
            Some(None)
        } else {
            T::read_value(raw)
        }
    }

    fn write(&self) -> Result<Option<Box<RawValue>>, serde_json::Error> {
        self.as_ref().map(T::write_value).transpose()
    }

    fn collect_member(&self, path: &str, pointers: &mut Vec<String>) {
        if let Some(value) = self {
            value.collect(path, pointers);
        }
    }
}

/// A list; one bare object is read as a list of one, since the vendor's own example shows both.
impl<T: Value + PartialEq> Member for Vec<T> {
    const STRUCTURE: bool = true;

    fn read(raw: &RawValue) -> Option<Self> {
        match raw.get().as_bytes().first() {
            Some(b'[') => {
                let items: Vec<Box<RawValue>> = serde_json::from_str(raw.get()).ok()?;
                items
                    .iter()
                    .map(|item| T::read_value(item).flatten())
                    .collect()
            }
            Some(b'{') => T::read_value(raw).map(|item| item.into_iter().collect()),
            Some(b'n') => Some(Vec::new()),
            _ if raw.get() == "\"\"" => Some(Vec::new()),
            _ => None,
        }
    }

    fn write(&self) -> Result<Option<Box<RawValue>>, serde_json::Error> {
        let items = self
            .iter()
            .map(T::write_value)
            .collect::<Result<Vec<_>, _>>()?;
        serde_json::value::to_raw_value(&items).map(Some)
    }

    fn collect_member(&self, path: &str, pointers: &mut Vec<String>) {
        for (index, item) in self.iter().enumerate() {
            item.collect(&format!("{path}/{index}"), pointers);
        }
    }
}

/// Defines an object of the wire: public typed members, and everything else kept as text.
macro_rules! wire_object {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$member_meta:meta])* $field:ident : $type:ty = $wire:literal),* $(,)?
        }
    ) => {
        $(#[$meta])*
        ///
        /// Members that are not listed here keep their exact text from read to write.
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$member_meta])* pub $field: $type,)*
            members: $crate::members::Members,
            unreadable: Vec<&'static str>,
        }

        impl $name {
            /// The exact text of a member **as it was read**, known or not. May be personal.
            #[must_use]
            pub fn member(&self, name: &str) -> Option<&serde_json::value::RawValue> {
                self.members.get(name)
            }

            /// Whether a known member was there but not readable. It then counts as absent, and its text survives.
            #[must_use]
            pub fn is_unreadable(&self, name: &str) -> bool {
                self.unreadable.contains(&name)
            }

            /// The JSON pointers of known members that were there but not readable, here and in all objects below. They
            /// count as absent, and their texts survive a write.
            #[must_use]
            pub fn unreadable(&self) -> Vec<String> {
                let mut pointers = Vec::new();
                $crate::members::Value::collect(self, "", &mut pointers);
                pointers
            }
        }

        impl $crate::members::Value for $name {
            const STRUCTURE: bool = true;

            fn read_value(raw: &serde_json::value::RawValue) -> Option<Option<Self>> {
                if raw.get() == "\"\"" {
                    return Some(None);
                }
                let members = $crate::members::Members::parse(raw)?;
                let mut unreadable = Vec::new();
                Some(Some(Self {
                    $($field: members.read($wire, &mut unreadable),)*
                    members,
                    unreadable,
                }))
            }

            fn write_value(&self) -> Result<Box<serde_json::value::RawValue>, serde_json::Error> {
                #[allow(unused_mut, reason = "an object may have calculated members only")]
                let mut written = self.members.written();
                $(written.write($wire, &self.$field)?;)*
                written.to_raw()
            }

            fn collect(&self, path: &str, pointers: &mut Vec<String>) {
                pointers.extend(self.unreadable.iter().map(|name| format!("{path}/{name}")));
                $($crate::members::Member::collect_member(&self.$field, &format!("{path}/{}", $wire), pointers);)*
            }
        }

        impl $crate::members::Member for $name {
            const STRUCTURE: bool = true;

            fn read(raw: &serde_json::value::RawValue) -> Option<Self> {
                if raw.get() == "null" {
                    return Some(Self::default());
                }
                <Self as $crate::members::Value>::read_value(raw).map(Option::unwrap_or_default)
            }

            fn write(&self) -> Result<Option<Box<serde_json::value::RawValue>>, serde_json::Error> {
                <Self as $crate::members::Value>::write_value(self).map(Some)
            }

            fn collect_member(&self, path: &str, pointers: &mut Vec<String>) {
                <Self as $crate::members::Value>::collect(self, path, pointers);
            }
        }

        impl serde::Serialize for $name {
            /// As it is written to the vendor: without calculated members.
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <Self as $crate::members::Value>::write_value(self)
                    .map_err(serde::ser::Error::custom)?
                    .serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let raw = <Box<serde_json::value::RawValue> as serde::Deserialize>::deserialize(deserializer)?;
                <Self as $crate::members::Value>::read_value(&raw)
                    .flatten()
                    .ok_or_else(|| serde::de::Error::custom(concat!(stringify!($name), ": not an object")))
            }
        }
    };
}

pub(crate) use wire_object;
