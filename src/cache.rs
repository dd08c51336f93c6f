//! A folder of results that are kept between runs.
//!
//! Whatever is wrong with the folder or an entry, a run goes on without: an entry that is cut short, altered, of another
//! version or that cannot be read is no entry, and what cannot be written is not kept. Entries are written beside their
//! place and renamed, so that runs at the same time see whole ones. Links inside the folder are not followed.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// What a thing is told apart by.
pub type Hash = [u8; 32];

/// Bytes of an entry beyond which it is no entry.
const LARGEST: u64 = 64 << 20;

/// Bytes of a name that the name of its file is made of.
const NAME: usize = 16;

/// How long after an entry was written or its use was noted its use is noted again.
const NOTED: Duration = Duration::from_secs(24 * 60 * 60);

/// How long after its use was last noted an entry is no more wanted.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What every entry begins with.
const MARK: &[u8; 8] = b"scrwrt01";

/// The folder.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    /// What made the entries: another program, or the same with other tables, finds none of them.
    maker: Hash,
    /// Whether this run wrote anything.
    written: AtomicBool,
}

/// The hash of parts, each apart from the next.
pub fn hash(parts: &[&[u8]]) -> Hash {
    let mut all = Sha256::new();
    for part in parts {
        all.update((part.len() as u64).to_le_bytes());
        all.update(part);
    }
    all.finalize().into()
}

impl Cache {
    /// Opens or makes a folder; `None` if neither is possible. `made_of` is what the results depend on beside the audited
    /// files.
    pub fn open(folder: &Path, made_of: &[&[u8]]) -> Option<Self> {
        if !folder.is_dir() {
            fs::create_dir_all(folder).ok()?;
            // Who keeps backups or versions of the tree is told that this is not worth it.
            let tag = "Signature: 8a477f597d28d172789f06886806bc55\n# Results that scriptworthy keeps between runs.\n";
            fs::write(folder.join("CACHEDIR.TAG"), tag).ok()?;
            fs::write(folder.join(".gitignore"), "*\n").ok()?;
        }
        let mut parts = made_of.to_vec();
        let program = program();
        parts.extend([env!("CARGO_PKG_VERSION").as_bytes(), program.as_bytes()]);
        Some(Self { folder: folder.to_owned(), maker: hash(&parts), written: AtomicBool::new(false) })
    }

    /// What is kept under a name, if it was made of the same.
    pub fn get<T: DeserializeOwned>(&self, name: &Hash, made_of: &Hash) -> Option<T> {
        postcard::from_bytes(&self.bytes(name, made_of)?).ok()
    }

    /// The same as bytes.
    pub fn bytes(&self, name: &Hash, made_of: &Hash) -> Option<Vec<u8>> {
        let path = self.path(name);
        let data = fs::symlink_metadata(&path).ok().filter(|data| data.is_file() && data.len() <= LARGEST)?;
        let file = fs::File::open(&path).ok()?;
        let mut bytes = Vec::with_capacity(data.len() as usize + 1);
        (&file).take(LARGEST).read_to_end(&mut bytes).ok()?;
        let (head, body) = bytes.split_at_checked(MARK.len() + size_of::<Hash>())?;
        if head.strip_prefix(MARK)? != self.seal(made_of, body) {
            return None;
        }
        // What is in use is told from what is not by its time.
        if age(&data).is_some_and(|age| age > NOTED) {
            let _ = file.set_modified(SystemTime::now());
        }
        bytes.drain(..MARK.len() + size_of::<Hash>());
        Some(bytes)
    }

    /// Keeps something under a name.
    pub fn put(&self, name: &Hash, made_of: &Hash, value: &impl Serialize) {
        if let Ok(body) = postcard::to_stdvec(value) {
            self.put_bytes(name, made_of, &body);
        }
    }

    /// The same of bytes.
    pub fn put_bytes(&self, name: &Hash, made_of: &Hash, body: &[u8]) {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let beside = self.folder.join(format!("{}.{number}.tmp", std::process::id()));
        let write = || {
            let mut file = fs::File::create_new(&beside)?;
            file.write_all(MARK)?;
            file.write_all(&self.seal(made_of, body))?;
            file.write_all(body)?;
            drop(file);
            fs::rename(&beside, self.path(name))
        };
        if write().is_err() {
            let _ = fs::remove_file(&beside);
        }
        self.written.store(true, Ordering::Relaxed);
    }

    /// Removes what nobody has used for a month, and what was begun and never ended; only where this run wrote
    /// something, for a folder does not grow by reading.
    pub fn sweep(&self) {
        if !self.written.swap(false, Ordering::Relaxed) {
            return;
        }
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let limit = match name.strip_suffix(".tmp") {
                Some(_) => NOTED,
                None if name.len() == NAME * 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) => UNUSED,
                None => continue,
            };
            // What a link points to is somebody else's, and its own age counts.
            let data = fs::symlink_metadata(entry.path()).ok().filter(|data| data.is_file());
            if data.and_then(|data| age(&data)).is_some_and(|age| age > limit) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn seal(&self, made_of: &Hash, body: &[u8]) -> Hash {
        hash(&[&self.maker, made_of, body])
    }

    fn path(&self, name: &Hash) -> PathBuf {
        let name: String = name.iter().take(NAME).map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(name)
    }
}

/// How long ago a file was last written or noted.
fn age(data: &fs::Metadata) -> Option<Duration> {
    data.modified().ok()?.elapsed().ok()
}

/// What tells one build of this program from another of the same version.
fn program() -> String {
    let data = std::env::current_exe().and_then(fs::metadata);
    let stamp = data.and_then(|data| Ok((data.len(), data.modified()?)));
    format!("{stamp:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn what_is_kept_is_found_by_its_name_if_it_was_made_of_the_same() {
        let folder = folder();
        let cache = Cache::open(&folder.path().join("kept"), &[b"tables"]).expect("made");
        let (name, made_of) = (hash(&[b"a.py"]), hash(&[b"text"]));
        assert_eq!(cache.get::<String>(&name, &made_of), None);
        cache.put(&name, &made_of, &"found");
        assert_eq!(cache.get::<String>(&name, &made_of).as_deref(), Some("found"));
        assert_eq!(cache.get::<String>(&name, &hash(&[b"other text"])), None);
        let other = Cache::open(&folder.path().join("kept"), &[b"other tables"]).expect("there");
        assert_eq!(other.get::<String>(&name, &made_of), None);
        for name in ["CACHEDIR.TAG", ".gitignore"] {
            assert!(folder.path().join("kept").join(name).is_file(), "{name}");
        }
    }

    #[test]
    fn an_entry_that_is_altered_at_any_byte_or_cut_is_none() {
        let folder = folder();
        let cache = Cache::open(folder.path(), &[]).expect("there");
        let (name, made_of) = (hash(&[b"a"]), hash(&[b"b"]));
        cache.put(&name, &made_of, &vec!["one", "two"]);
        let whole = fs::read(cache.path(&name)).expect("written");
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(cache.path(&name), &bytes).expect("writable");
            assert_eq!(cache.get::<Vec<String>>(&name, &made_of), None, "byte {at}");
            fs::write(cache.path(&name), &whole[..at]).expect("writable");
            assert_eq!(cache.get::<Vec<String>>(&name, &made_of), None, "cut at {at}");
        }
        fs::write(cache.path(&name), &whole).expect("writable");
        assert!(cache.get::<Vec<String>>(&name, &made_of).is_some());
        // A whole entry of another kind.
        assert_eq!(cache.get::<(u64, bool, Vec<(String, String)>)>(&name, &made_of), None);
    }

    #[test]
    fn what_nobody_used_for_a_month_goes_when_something_is_written() {
        let folder = folder();
        let cache = Cache::open(folder.path(), &[]).expect("there");
        let names: Vec<Hash> = (0..3u8).map(|number| hash(&[&[number]])).collect();
        let made_of = hash(&[b"b"]);
        let old = |path: &Path| {
            let file = fs::File::options().write(true).open(path).expect("there");
            file.set_modified(SystemTime::now() - UNUSED - NOTED).expect("a time");
        };
        for name in &names[..2] {
            cache.put(name, &made_of, &"found");
            old(&cache.path(name));
        }
        let (begun, other) = (folder.path().join("1.2.tmp"), folder.path().join("notes"));
        for path in [&begun, &other] {
            fs::write(path, "").expect("writable");
            old(path);
        }
        assert!(cache.get::<String>(&names[0], &made_of).is_some(), "used today");
        let reader = Cache::open(folder.path(), &[]).expect("there");
        reader.sweep();
        assert!(cache.path(&names[1]).exists(), "nothing was written");
        cache.put(&names[2], &made_of, &"found");
        cache.sweep();
        let there: Vec<bool> = names.iter().map(|name| cache.path(name).exists()).collect();
        assert_eq!((there, begun.exists(), other.exists()), (vec![true, false, true], false, true));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_replaced_and_not_followed_and_a_folder_that_cannot_be_made_is_none() {
        let folder = folder();
        let cache = Cache::open(&folder.path().join("kept"), &[]).expect("made");
        let (name, made_of) = (hash(&[b"a"]), hash(&[b"b"]));
        let outside = folder.path().join("outside");
        fs::write(&outside, "mine").expect("writable");
        std::os::unix::fs::symlink(&outside, cache.path(&name)).expect("a link");
        assert_eq!(cache.get::<String>(&name, &made_of), None);
        cache.put(&name, &made_of, &"found");
        assert_eq!(fs::read_to_string(&outside).expect("there"), "mine");
        assert_eq!(cache.get::<String>(&name, &made_of).as_deref(), Some("found"));
        assert!(Cache::open(&outside, &[]).is_none());
        assert!(Cache::open(&outside.join("below"), &[]).is_none());
    }
}
