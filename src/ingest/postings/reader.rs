//! The reader of job postings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::batch::PostingBatch;
use super::context::Context;
use super::decode::Origin;
use super::inputs::Inputs;
use super::mapping::Mapping;
use super::pipeline;
use super::report::{Collector, PostingReport};
use super::settings::Settings;
use crate::error::Result;
use crate::ingest::Source;

/// Reads job postings from files as a stream, in constant memory.
///
/// # Examples
/// ```
/// use credcast::ingest::postings::{Mapping, PostingReader, Settings};
/// let lines = "{\"datePosted\":\"2024-03-15\",\"title\":\"Welder\",\"description\":\"<p>AWS D1.1</p>\"}\n\
///              {\"datePosted\":\"2024-03-16\",\"title\":\"Nurse aide\"}\n";
/// let reader = PostingReader::of_bytes("jobs.ndjson", lines.as_bytes(), &Mapping::default(), &Settings::default())?;
/// let mut titles = Vec::new();
/// let report = reader.fold(
///     |batch| batch.postings.iter().filter_map(|p| p.title.as_deref().map(str::to_owned)).collect::<Vec<_>>(),
///     |part| {
///         titles.extend(part);
///         Ok(())
///     },
/// )?;
/// assert_eq!(titles, ["Welder", "Nurse aide"]);
/// assert_eq!((report.read(), report.used()), (2, 2));
/// # Ok::<(), credcast::Error>(())
/// ```
#[derive(Debug)]
pub struct PostingReader {
    files: Vec<Origin>,
    left_out: Vec<(PathBuf, String)>,
    mapping: Mapping,
    settings: Settings,
}

impl PostingReader {
    /// Finds the files behind `inputs`: each a file, a folder (its posting files in the order of their names, folders in
    /// it included), a pattern with `*`, `?` and `**`, or `-` for standard input. No file is opened yet.
    ///
    /// # Errors
    /// [`ParamError`](crate::error::ParamError) for settings outside their ranges;
    /// [`DataError::Io`](crate::error::DataError::Io) for a path that is not there;
    /// [`DataError::Empty`](crate::error::DataError::Empty) for a folder or pattern without a posting file.
    pub fn open<P: AsRef<Path>>(inputs: &[P], mapping: &Mapping, settings: &Settings) -> Result<Self> {
        settings.check()?;
        let Inputs { files, left_out, .. } = Inputs::find(inputs)?;
        Ok(Self { files, left_out, mapping: mapping.clone(), settings: settings.clone() })
    }

    /// A reader of the one file `bytes`, which errors and reports call `name`.
    ///
    /// # Errors
    /// [`ParamError`](crate::error::ParamError) for settings outside their ranges.
    pub fn of_bytes(
        name: impl Into<PathBuf>,
        bytes: impl Into<Arc<[u8]>>,
        mapping: &Mapping,
        settings: &Settings,
    ) -> Result<Self> {
        settings.check()?;
        let files = vec![Origin::Memory(name.into(), bytes.into())];
        Ok(Self { files, left_out: Vec::new(), mapping: mapping.clone(), settings: settings.clone() })
    }

    /// A reader of files, or bytes in memory, one after the other.
    ///
    /// # Errors
    /// [`ParamError`](crate::error::ParamError) for settings outside their ranges.
    pub fn of_sources(sources: &[Source], mapping: &Mapping, settings: &Settings) -> Result<Self> {
        settings.check()?;
        let origin = |source: &Source| match source.memory() {
            Some(bytes) => Origin::Memory(source.name().to_owned(), bytes.into()),
            None => Origin::Path(source.name().to_owned()),
        };
        let files = sources.iter().map(origin).collect();
        Ok(Self { files, left_out: Vec::new(), mapping: mapping.clone(), settings: settings.clone() })
    }

    /// The files, in the order in which they are read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(Origin::name)
    }

    /// Calls `map` on batches of postings on the threads of the current rayon pool, and `take` on what it returns, on
    /// this thread and in the order of the input.
    ///
    /// One more thread reads, decompresses and cuts. Where batches end depends on `batch_bytes` only, never on the
    /// threads; a batch never spans two files and is never empty. An error of `take` ends the reading.
    ///
    /// # Errors
    /// In strict mode the first bad record ([`DataError::Cell`](crate::error::DataError::Cell)) or fault of a file in the
    /// order of the input, after what precedes its batch has been taken, and
    /// [`DataError::Empty`](crate::error::DataError::Empty) if there is no record; in lenient mode both are in the
    /// report. What `take` returns.
    pub fn fold<T: Send>(
        &self,
        map: impl Fn(PostingBatch<'_>) -> T + Sync,
        mut take: impl FnMut(T) -> Result<()>,
    ) -> Result<PostingReport> {
        let context = Context::new(&self.files, &self.mapping, &self.settings);
        let mut collector = Collector::new(&context, self.left_out.clone());
        pipeline::run(&context, &mut collector, &map, &mut take)?;
        Ok(collector.finish()?)
    }

    /// Calls `each` on every batch of postings in the order of the input, all on this thread.
    ///
    /// # Errors
    /// As [`fold`](Self::fold), and what `each` returns.
    pub fn for_each_batch(&self, mut each: impl FnMut(PostingBatch<'_>) -> Result<()>) -> Result<PostingReport> {
        let context = Context::new(&self.files, &self.mapping, &self.settings);
        let mut collector = Collector::new(&context, self.left_out.clone());
        pipeline::run_here(&context, &mut collector, &mut each)?;
        Ok(collector.finish()?)
    }
}
