//! The values that directives take: one kind in each file, parsed from one word.

pub(crate) mod acl;
pub(crate) mod address;
pub(crate) mod bit_rate;
pub(crate) mod byte_size;
pub(crate) mod codec;
pub(crate) mod format;
pub(crate) mod frame_rate;
pub(crate) mod number;
pub(crate) mod path;
pub(crate) mod port;
pub(crate) mod seconds;
pub(crate) mod video_size;

/// Why a word is not the value that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The reason: what is allowed.
    pub(crate) why: String,
    /// The nearest right spelling.
    pub(crate) instead: Option<String>,
    /// Whether `instead` surely is what the author meant, so that it may be put in its place.
    pub(crate) sure: bool,
    /// Advice, where there is no spelling to offer.
    pub(crate) help: Option<String>,
}

impl Wrong {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            instead: None,
            sure: false,
            help: None,
        }
    }

    /// The author may have meant `text`.
    pub(crate) fn perhaps(mut self, text: Option<impl Into<String>>) -> Self {
        self.instead = text.map(Into::into);
        self
    }

    /// The author surely meant `text`.
    pub(crate) fn surely(mut self, text: impl Into<String>) -> Self {
        self.instead = Some(text.into());
        self.sure = true;
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
