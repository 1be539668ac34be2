//! A share on an SFTP server.

use std::fmt;
use std::io::{self, Read};
use std::path::{Component, Path};
use std::sync::Arc;

use chrono::DateTime;
use russh_sftp::client::fs::{File, Metadata};
use russh_sftp::protocol::{OpenFlags, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use self::link::{Failed, Link};
use super::drop_folder::DropStep;
use super::local_share::temporary_name;
use super::share::{FileFacts, FileShare, PlaceError, Placed, ShareEntry};

mod link;
mod options;

pub use options::{InvalidSftpKey, SftpHostKey, SftpLogin, SftpOptions, SftpPrivateKey};

/// How much of a file is fetched at a time.
const BLOCK: usize = 128 * 1024;
/// How many temporary names are tried.
const TRIES: usize = 10;

/// Folders on an SFTP server (feature `sftp`).
///
/// It connects when it is first used, and again when the connection broke; nothing is repeated by itself. Clones share the
/// connection, and any thread may call it, also one of an async runtime that may block.
///
/// # What SFTP guarantees
///
/// A file is written under a temporary name that did not exist, and brought to the server's disk where the server can do that on
/// request (OpenSSH can). Then it gets its name:
///
/// - On a server with `hardlink@openssh.com` (OpenSSH) by a hard link, which fails where the name is taken. That holds against
///   any number of writers.
/// - Otherwise by a plain rename. The protocol's description (version 3) says that it must fail where the name is taken, and a
///   server that follows it does; one that does not would overwrite. The name is therefore looked at before, which leaves a gap:
///   ask the site which server it runs.
///
/// That the folder's new entry survives a crash of the server cannot be asked for in SFTP. An answer that is lost at this step is
/// told as ambiguous ([`DropError::is_ambiguous`](super::DropError::is_ambiguous)).
///
/// Times of files have whole seconds: a file that is written anew within one second and with the same size is not seen as changed.
#[derive(Clone)]
pub struct SftpShare {
    link: Arc<Link>,
}

impl SftpShare {
    /// Names a server. It is not connected to yet.
    ///
    /// # Errors
    ///
    /// What the operating system said when the connection's thread could not be started.
    pub fn new(options: SftpOptions) -> io::Result<Self> {
        Ok(Self {
            link: Arc::new(Link::new(options)?),
        })
    }

    /// The path on the server, whose separator is `/` everywhere.
    fn remote(&self, path: &Path) -> String {
        let mut remote = String::new();
        for part in self.link.options().root.join(path).components() {
            match part {
                Component::RootDir => remote.push('/'),
                Component::Normal(name) => {
                    if !remote.is_empty() && !remote.ends_with('/') {
                        remote.push('/');
                    }
                    remote.push_str(&name.to_string_lossy());
                }
                Component::CurDir | Component::ParentDir | Component::Prefix(_) => {}
            }
        }
        if remote.is_empty() {
            remote.push('.');
        }
        remote
    }

    fn exists(&self, remote: &str) -> Result<bool, Failed> {
        let remote = remote.to_owned();
        let found = self
            .link
            .run(async move |session| Ok(session.sftp.metadata(remote).await?));
        match found {
            Ok(_) => Ok(true),
            Err(Failed::Status(StatusCode::NoSuchFile, _)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Creates a temporary file that did not exist.
    fn create(&self, folder: &Path, name: &str) -> Result<(String, File), Failed> {
        let flags = OpenFlags::CREATE | OpenFlags::EXCLUDE | OpenFlags::WRITE;
        let mut tries = 0;
        loop {
            tries += 1;
            let temporary = self.remote(&folder.join(temporary_name(name)));
            let path = temporary.clone();
            let opened = self
                .link
                .run(async move |session| Ok(session.sftp.open_with_flags(path, flags).await?));
            match opened {
                Ok(file) => return Ok((temporary, file)),
                // Protocol version 3 has no word of its own for a name that is taken.
                Err(Failed::Status(StatusCode::Failure, _)) if tries < TRIES => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives a temporary file its name; `true` when the temporary name is still there.
    fn name(&self, temporary: &str, path: &str) -> Result<bool, io::Error> {
        let taken = || io::Error::from(io::ErrorKind::AlreadyExists);
        let (from, to) = (temporary.to_owned(), path.to_owned());
        let linked = self
            .link
            .run(async move |session| Ok(session.sftp.hardlink(from, to).await?));
        match linked {
            Ok(true) => return Ok(true),
            Err(Failed::Broken(error)) => return Err(error),
            // No such thing on this server or its file system, or the name is taken.
            Ok(false) | Err(Failed::Status(..)) => {}
        }
        if self.exists(path).map_err(Failed::into_io)? {
            return Err(taken());
        }
        let (from, to) = (temporary.to_owned(), path.to_owned());
        let renamed = self
            .link
            .run(async move |session| Ok(session.sftp.rename(from, to).await?));
        match renamed {
            Ok(()) => Ok(false),
            Err(error @ Failed::Broken(_)) => Err(error.into_io()),
            Err(error) => match self.exists(path) {
                Ok(true) => Err(taken()),
                _ => Err(error.into_io()),
            },
        }
    }

    fn remove(&self, path: &str) -> Result<(), Failed> {
        let path = path.to_owned();
        self.link
            .run(async move |session| Ok(session.sftp.remove_file(path).await?))
    }
}

impl fmt::Debug for SftpShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SftpShare")
            .field("options", self.link.options())
            .finish()
    }
}

impl FileShare for SftpShare {
    fn root(&self) -> &Path {
        &self.link.options().root
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<ShareEntry>> {
        let folder = self.remote(folder);
        let found = self.link.run(async move |session| {
            let entries = session.sftp.read_dir(folder).await?;
            let entries = entries.filter(|entry| !matches!(&*entry.file_name(), "." | ".."));
            Ok(entries
                .map(|entry| {
                    let metadata = entry.metadata();
                    let named = ShareEntry::new(entry.file_name());
                    // A link's own facts are not those of its file.
                    if metadata.is_symlink() {
                        named
                    } else {
                        named.with_facts(facts_of(&metadata))
                    }
                })
                .collect())
        });
        found.map_err(Failed::into_io)
    }

    fn facts(&self, path: &Path) -> io::Result<Option<FileFacts>> {
        let path = self.remote(path);
        let found = self
            .link
            .run(async move |session| Ok(session.sftp.metadata(path).await?));
        match found {
            Ok(metadata) => Ok(Some(facts_of(&metadata))),
            Err(Failed::Status(StatusCode::NoSuchFile, _)) => Ok(None),
            Err(error) => Err(error.into_io()),
        }
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        let path = self.remote(path);
        let file = self
            .link
            .run(async move |session| Ok(session.sftp.open(path).await?))
            .map_err(Failed::into_io)?;
        Ok(Box::new(RemoteFile {
            link: Arc::clone(&self.link),
            file: Some(file),
            block: Vec::new(),
            from: 0,
        }))
    }

    fn place(&self, folder: &Path, name: &str, bytes: &[u8]) -> Result<Placed, PlaceError> {
        let failed = |step| move |error: io::Error| PlaceError::new(step, error);
        let (temporary, mut file) = self
            .create(folder, name)
            .map_err(|error| PlaceError::new(DropStep::Create, error.into_io()))?;
        let content = bytes.to_vec();
        let written = self.link.run(async move |_| {
            file.write_all(&content).await?;
            file.flush().await?;
            file.sync_all().await?;
            Ok(file.close().await?)
        });
        let named = written
            .map_err(|error| PlaceError::new(DropStep::Write, error.into_io()))
            .and_then(|()| {
                self.name(&temporary, &self.remote(&folder.join(name)))
                    .map_err(failed(DropStep::Name))
            });
        let left_over = match named {
            Ok(false) => None,
            Ok(true) | Err(_) => self.remove(&temporary).err().map(|_| temporary.into()),
        };
        named.map(|_| Placed::leaving(left_over))
    }
}

fn facts_of(metadata: &Metadata) -> FileFacts {
    // A server that does not say what it is shows files only.
    if metadata.permissions.is_none() || metadata.file_type().is_file() {
        let changed = metadata
            .mtime
            .and_then(|seconds| DateTime::from_timestamp(seconds.into(), 0));
        FileFacts::of_file(metadata.size.unwrap_or_default(), changed)
    } else {
        FileFacts::of_other()
    }
}

/// A file on the server, fetched block by block.
struct RemoteFile {
    link: Arc<Link>,
    file: Option<File>,
    block: Vec<u8>,
    from: usize,
}

impl Read for RemoteFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.from >= self.block.len() {
            let Some(mut file) = self.file.take() else {
                return Ok(0);
            };
            let mut block = std::mem::take(&mut self.block);
            block.resize(BLOCK, 0);
            let (file, block) = self
                .link
                .run(async move |_| {
                    let length = file.read(&mut block).await?;
                    block.truncate(length);
                    Ok((file, block))
                })
                .map_err(Failed::into_io)?;
            if block.is_empty() {
                return Ok(0);
            }
            self.file = Some(file);
            self.block = block;
            self.from = 0;
        }
        let rest = self.block.get(self.from..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(to), Some(rest)) = (buffer.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(rest);
        }
        self.from += length;
        Ok(length)
    }
}
