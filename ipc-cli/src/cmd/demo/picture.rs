//! Pictures: from a file or from the program itself, and back into a file.

use std::fmt::{self, Display, Formatter};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Seek, Write};
use std::path::{Path, PathBuf};
use std::process;

use image::codecs::png::PngEncoder;
use image::error::{ImageError, ImageResult};
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageReader, Limits};

use crate::failure::Failure;

/// The picture that is used without `--input`; `pictures/README.md` names its source.
const BUNDLED: &[u8] = include_bytes!("../../../pictures/astronaut.png");

/// The greatest width and the greatest height.
const MAX_SIDE: u32 = 16_384;

/// The most memory that unpacking a picture may take.
const MAX_MEGABYTES: u64 = 1024;

/// A grey picture, row after row.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) size: [usize; 2],
    pub(super) grey: Vec<u8>,
}

impl Picture {
    /// The brightness of a PNG or JPEG file, or of the bundled picture.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is no such picture, is damaged, or is beyond the limits.
    pub(super) fn load(path: Option<&Path>) -> Result<Picture, Failure> {
        let Some(path) = path else {
            return decode(Cursor::new(BUNDLED))
                .map_err(|why| Failure::new("the bundled picture", why));
        };
        let fail =
            |why: &dyn Display| Failure::new(format_args!("picture {}", path.display()), why);
        let file = File::open(path).map_err(|why| fail(&why))?;
        decode(BufReader::new(file)).map_err(|why| match why {
            ImageError::Unsupported(_) => fail(&"it is neither a PNG nor a JPEG picture"),
            ImageError::Limits(_) => fail(&format_args!(
                "it is too large: at most {MAX_SIDE} pixels a side, and {MAX_MEGABYTES} MiB when unpacked"
            )),
            ImageError::IoError(why) if why.raw_os_error().is_some() => fail(&why),
            _ => fail(&"it is damaged or cut short"),
        })
    }

    /// A number that differs, all but certainly, when a pixel does (FNV-1a, 64 bits).
    pub(super) fn checksum(&self) -> u64 {
        let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        self.grey.iter().fold(0xcbf2_9ce4_8422_2325, step)
    }
}

fn decode(file: impl BufRead + Seek) -> ImageResult<Picture> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEGABYTES << 20);
    let mut reader = ImageReader::new(file).with_guessed_format()?;
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    limits.reserve(decoder.total_bytes())?;
    let orientation = decoder.orientation()?; // a camera held upright says so in a note beside the pixels
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    let grey = picture.into_luma8();
    Ok(Picture {
        size: [grey.width(), grey.height()].map(|side| side as usize),
        grey: grey.into_raw(),
    })
}

/// A file to be, that appears whole or not at all.
#[derive(Debug)]
pub(super) struct Output {
    path: PathBuf,
    unfinished: PathBuf,
}

impl Output {
    /// Makes sure, before any work is done, that the file can be made.
    ///
    /// # Errors
    ///
    /// There is no such directory, it cannot be written, or something else than a file has that
    /// name.
    pub(super) fn at(path: &Path) -> Result<Output, Failure> {
        let Some(name) = path
            .file_name()
            .filter(|_| fs::metadata(path).is_ok_and(|at| at.is_file()) || !path.exists())
        else {
            return Err(Failure::new(
                format_args!("output {}", path.display()),
                "something else than a file has this name",
            ));
        };
        let unfinished = format!(".ipc-demo-{}.unfinished", process::id());
        let output =
            Output { path: path.with_file_name(name), unfinished: path.with_file_name(unfinished) };
        output
            .fill(&[])
            .and_then(|()| fs::remove_file(&output.unfinished))
            .map_err(|why| output.failure(&why))?;
        Ok(output)
    }

    /// Writes the picture as PNG, in place of what had that name.
    ///
    /// # Errors
    ///
    /// The file cannot be written; nothing of it is left then.
    pub(super) fn save(&self, picture: &Picture) -> Result<(), Failure> {
        let mut png = Vec::new();
        let [width, height] = picture.size.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
        PngEncoder::new(&mut png)
            .write_image(&picture.grey, width, height, ExtendedColorType::L8)
            .map_err(|why| self.failure(&why))?;
        self.fill(&png).and_then(|()| fs::rename(&self.unfinished, &self.path)).map_err(|why| {
            // It may not be there, and nothing more can be done if it is: the first error is what
            // the user needs.
            let _ = fs::remove_file(&self.unfinished);
            self.failure(&why)
        })
    }

    fn fill(&self, bytes: &[u8]) -> io::Result<()> {
        File::create_new(&self.unfinished)?.write_all(bytes)
    }

    fn failure(&self, why: &dyn Display) -> Failure {
        Failure::new(format_args!("output {self}"), why)
    }
}

impl Display for Output {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}
