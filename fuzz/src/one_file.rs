//! A share with one file in every folder.

use std::io::{self, Cursor, Read};
use std::path::Path;

use whistl_client::order_files::{
    DropFolder, DropStep, FileFacts, FileShare, FolderLayout, PlaceError, Placed, ShareEntry,
};

/// A share with one file in every folder, and nothing can be put there.
#[derive(Debug)]
pub(crate) struct OneFile(pub(crate) Vec<u8>);

impl OneFile {
    pub(crate) fn folder(data: &[u8]) -> DropFolder {
        DropFolder::over(Self(data.to_vec()), FolderLayout::default())
            .expect("the default layout is sound")
    }
}

impl FileShare for OneFile {
    fn root(&self) -> &Path {
        Path::new("/")
    }

    fn list(&self, _: &Path) -> io::Result<Vec<ShareEntry>> {
        let facts = FileFacts::of_file(self.0.len() as u64, None);
        Ok(vec![ShareEntry::new("A1error.csv").with_facts(facts)])
    }

    fn facts(&self, _: &Path) -> io::Result<Option<FileFacts>> {
        Ok(Some(FileFacts::of_file(self.0.len() as u64, None)))
    }

    fn open(&self, _: &Path) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(self.0.clone())))
    }

    fn place(&self, _: &Path, _: &str, _: &[u8]) -> Result<Placed, PlaceError> {
        Err(PlaceError::new(
            DropStep::Create,
            io::ErrorKind::Unsupported.into(),
        ))
    }
}
