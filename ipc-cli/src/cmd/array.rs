//! `ipc array`: arrays from files and into files, and what is in them.

use std::fmt::LowerExp;
use std::fs::{self, File};
use std::io::{BufWriter, Cursor, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use image::{GrayImage, ImageError, ImageReader};
use ipc::array::{ArrayOptions, ShmArray};
use ipc::core::{Error, Name, Removal, Trust};
use ipc::mem::{Kind as Element, MemoryOptions, OpenOptions, Plain};

use crate::failure::{Failure, os, reason};
use crate::machine::{Kind, library};
use crate::output;
use crate::selector::{new_name, one};

pub(super) const AFTER: &str = "\
Arrays are column-major: elements along the first dimension are adjacent in memory. A picture of \
640 columns and 480 rows has the shape 640x480, and each line of a CSV file is one row of it. \
NumPy stores such a picture with the shape (480, 640). `ipc` would take it for 480 columns and 640 \
rows, so transpose it in NumPy first.

Examples:
  ipc array import /frame frame.npy    also .png, .jpg (to grey u8), .csv (f64)
  ipc array export /frame frame.png    also .npy and .csv
  ipc array stat /frame                minimum, maximum, mean, a histogram
  ipc array view /frame                a picture made of characters
  ipc array fill /frame 0              set every element to 0";

/// The options of `ipc array`.
#[derive(Args, Debug)]
pub(crate) struct Array {
    #[command(subcommand)]
    verb: Verb,
}

/// A verb for arrays.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Create an array from a file: .npy, .png, .jpg or .csv
    Import {
        /// The name of the new array
        name: String,
        /// The file to read; its extension selects the format
        file: PathBuf,
        /// The mode of the array: three octal digits, such as 640
        #[arg(long, default_value = "600", value_parser = super::mode)]
        mode: u32,
    },
    /// Write an array to a file: .npy, .png or .csv
    Export {
        /// The name of the array
        name: String,
        /// The file to write; its extension selects the format
        file: PathBuf,
    },
    /// Set every element
    Fill {
        /// The name of the array
        name: String,
        /// The value of every element
        #[arg(allow_negative_numbers = true)]
        value: String,
    },
    /// Print type, shape and statistics
    Stat {
        /// The name of the array
        name: String,
    },
    /// Print the array as a picture made of characters
    View {
        /// The name of the array
        name: String,
    },
}

/// The work for a type of elements.
struct Row {
    kind: Element,
    fill: fn(&Name, &str) -> Result<(), Failure>,
    import: fn(&Name, &[u8], u32) -> Result<(), Error>,
}

/// The types of elements that have files and pictures.
const ELEMENTS: [Row; 10] = [
    Row { kind: Element::U8, fill: fill_whole::<u8>, import: npy::<u8> },
    Row { kind: Element::I8, fill: fill_whole::<i8>, import: npy::<i8> },
    Row { kind: Element::U16, fill: fill_whole::<u16>, import: npy::<u16> },
    Row { kind: Element::I16, fill: fill_whole::<i16>, import: npy::<i16> },
    Row { kind: Element::U32, fill: fill_whole::<u32>, import: npy::<u32> },
    Row { kind: Element::I32, fill: fill_whole::<i32>, import: npy::<i32> },
    Row { kind: Element::U64, fill: fill_whole::<u64>, import: npy::<u64> },
    Row { kind: Element::I64, fill: fill_whole::<i64>, import: npy::<i64> },
    Row { kind: Element::F32, fill: |name, text| all(name, float(text)?), import: npy::<f32> },
    Row { kind: Element::F64, fill: |name, text| all(name, double(text)?), import: npy::<f64> },
];

/// Sets every element of an array.
fn all<T: Plain>(name: &Name, value: T) -> Result<(), Failure> {
    ShmArray::<T>::open_with(name, OpenOptions::new().trust(Trust::Anyone))?.fill(value);
    Ok(())
}

/// Sets every element of an array of integers to the number that a user wrote, also as `3.0` or
/// `1e3`. A number that its elements cannot have is refused.
fn fill_whole<T: Plain + TryFrom<i128>>(name: &Name, text: &str) -> Result<(), Failure> {
    /// Integers below this are exact as `f64`.
    const EXACT: f64 = 9_007_199_254_740_992.0;

    let whole = text.parse::<i128>().ok().or_else(|| {
        let number: f64 = text.parse().ok()?;
        let is_whole = number.fract() == 0.0 && number.abs() < EXACT;
        is_whole.then(|| format!("{number:.0}").parse().ok()).flatten()
    });
    let Some(value) = whole.and_then(|whole| T::try_from(whole).ok()) else {
        let bits = 8 * size_of::<T>();
        let (least, greatest) = match T::try_from(-1) {
            Ok(_) => (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1),
            Err(_) => (0, (1_i128 << bits) - 1),
        };
        let kind = T::SCHEMA.kind;
        let why = format!("the elements are {kind}: whole numbers from {least} to {greatest}");
        return Err(Failure::usage(format!("{text:?}"), why));
    };
    all(name, value)
}

/// Refuses a text that is not a number of a type, or too large for it.
fn no_float(text: &str, kind: Element, greatest: impl LowerExp) -> Failure {
    let range = format!("numbers from -{greatest:e} to {greatest:e}, inf or nan");
    Failure::usage(format!("{text:?}"), format!("the elements are {kind}: {range}"))
}

/// The number that a user wrote; only `inf` is infinite.
fn double(text: &str) -> Result<f64, Failure> {
    let is_infinite = text.to_ascii_lowercase().contains("inf");
    let number = text.parse().ok().filter(|number: &f64| number.is_infinite() == is_infinite);
    number.ok_or_else(|| no_float(text, Element::F64, f64::MAX))
}

/// The same, rounded to `f32`.
#[expect(clippy::cast_possible_truncation, reason = "a number that gets infinite or 0 is refused")]
fn float(text: &str) -> Result<f32, Failure> {
    let refuse = || no_float(text, Element::F32, f32::MAX);
    let number = double(text).map_err(|_| refuse())?;
    let short = number as f32;
    let is_same = short.is_infinite() == number.is_infinite() && (short == 0.0) == (number == 0.0);
    if is_same { Ok(short) } else { Err(refuse()) }
}

/// Creates an array of what is in a file of NumPy's.
fn npy<T: Plain>(name: &Name, npy: &[u8], mode: u32) -> Result<(), Error> {
    let options = MemoryOptions::new(0).removal(Removal::Never).permissions(mode);
    ShmArray::<T>::create_from_npy_with(name, options, npy).map(drop)
}

impl Array {
    /// Runs the command.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.verb {
            Verb::Import { name, file, mode } => import(&new_name(&name)?, &file, mode),
            Verb::Export { name, file } => export(&self::name(&name)?, &file),
            Verb::Fill { name, value } => fill(&self::name(&name)?, &value),
            Verb::Stat { name } => stat(&self::name(&name)?),
            Verb::View { name } => view(&self::name(&name)?),
        }
    }
}

/// The name of an array that exists.
fn name(text: &str) -> Result<Name, Failure> {
    Ok(Name::new(&one(text, &[Kind::Shm])?.name)?)
}

fn extension(file: &Path) -> String {
    file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

fn unknown(file: &Path, known: &str) -> Failure {
    Failure::usage(file.display(), format!("the extension of the file must be {known}"))
}

fn import(name: &Name, file: &Path, mode: u32) -> Result<(), Failure> {
    let read = || fs::read(file).map_err(os("read", file.display()));
    match extension(file).as_str() {
        "npy" => import_npy(name, file, &read()?, mode),
        "png" | "jpg" | "jpeg" => {
            let failed = |why: ImageError| {
                let why = match why {
                    ImageError::Limits(_) => "the picture is too large",
                    _ => {
                        "this is not a complete PNG or JPEG picture, or one of an unsupported kind"
                    }
                };
                Failure::new(file.display(), why)
            };
            let reader = ImageReader::new(Cursor::new(read()?))
                .with_guessed_format()
                .map_err(os("read", file.display()))?;
            let grey = reader.decode().map_err(failed)?.into_luma8();
            let size = [grey.width() as usize, grey.height() as usize];
            create(name, options(size, mode), grey.as_raw())
        }
        "csv" => {
            let (numbers, columns) = read_csv(file)?;
            create(name, options([columns, numbers.len() / columns], mode), &numbers)
        }
        _ => Err(unknown(file, ".npy, .png, .jpg or .csv")),
    }
}

fn options(size: [usize; 2], mode: u32) -> ArrayOptions {
    ArrayOptions::new(size).removal(Removal::Never).permissions(mode)
}

/// Creates an array of these elements; if they cannot be written, no array is left.
fn create<T: Plain>(name: &Name, options: ArrayOptions, elements: &[T]) -> Result<(), Failure> {
    let array = ShmArray::<T>::create(name, options)?;
    array.write_from(elements).inspect_err(|_| drop(ShmArray::<T>::unlink(name)))?;
    Ok(())
}

/// Creates an array of whichever type the file has.
fn import_npy(name: &Name, file: &Path, npy: &[u8], mode: u32) -> Result<(), Failure> {
    let mut refusal = None;
    for row in &ELEMENTS {
        match (row.import)(name, npy, mode) {
            Ok(()) => return Ok(()),
            Err(err) if err.is_mismatch() && err.to_string().contains("elements of type") => {
                refusal = Some(err);
            }
            // The file is at fault, not the array.
            Err(err) if err.is_mismatch() => {
                return Err(Failure::new(file.display(), reason(&err)));
            }
            Err(err) => return Err(err.into()),
        }
    }
    let why = refusal.map_or_else(|| String::from("no type of elements"), |err| reason(&err));
    Err(Failure::new(file.display(), why))
}

fn read_csv(file: &Path) -> Result<(Vec<f64>, usize), Failure> {
    let failed = |why: String| Failure::new(file.display(), why);
    let refused = |why: csv::Error| {
        let line = why.position().map_or(0, csv::Position::line);
        match why.into_kind() {
            csv::ErrorKind::Io(err) => os("read", file.display())(err),
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                let numbers = output::count(len, "number", "numbers");
                failed(format!("line {line}: found {numbers}, wanted {expected_len} as before"))
            }
            _ => failed(format!("line {line}: this is not text")),
        }
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_path(file)
        .map_err(refused)?;
    let (mut numbers, mut columns) = (Vec::new(), 0);
    for record in reader.records() {
        let record = record.map_err(refused)?;
        let line = record.position().map_or(0, csv::Position::line);
        columns = record.len();
        for cell in &record {
            let number = cell.parse::<f64>();
            let wrong = |_| failed(format!("line {line}: {cell:?} is not a number"));
            numbers.push(number.map_err(wrong)?);
        }
    }
    if numbers.is_empty() {
        Err(failed(String::from("there are no numbers")))
    } else {
        Ok((numbers, columns))
    }
}

fn export(name: &Name, file: &Path) -> Result<(), Failure> {
    let array = library::view(name)?;
    let numbers = || {
        library::numbers(&array).ok_or_else(|| Failure::new(name, "its elements are not numbers"))
    };
    let columns = array.shape().dims().first().copied().unwrap_or(1);
    match extension(file).as_str() {
        "npy" => {
            let to = File::create(file).map_err(os("create", file.display()))?;
            Ok(array.write_npy(BufWriter::new(to))?)
        }
        "csv" => {
            let to = File::create(file).map_err(os("create", file.display()))?;
            let mut to = BufWriter::new(to);
            let lines = numbers()?;
            let lines = lines
                .chunks(columns)
                .map(|line| line.iter().map(f64::to_string).collect::<Vec<_>>().join(","));
            let written = lines
                .into_iter()
                .try_for_each(|line| writeln!(to, "{line}"))
                .and_then(|()| to.flush());
            written.map_err(os("write", file.display()))
        }
        "png" => {
            let grey = grey(&numbers()?, array.kind());
            let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
            let picture = GrayImage::from_raw(side(columns), side(grey.len() / columns), grey);
            let picture =
                picture.ok_or_else(|| Failure::new(name, "it is too large for a picture"))?;
            let failed = |why| match why {
                ImageError::IoError(err) => os("write", file.display())(err),
                why => Failure::new(file.display(), why),
            };
            picture.save_with_format(file, image::ImageFormat::Png).map_err(failed)
        }
        _ => Err(unknown(file, ".npy, .png or .csv")),
    }
}

/// Numbers as brightness: bytes as they are, others from black for the least to white for the
/// greatest.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast to u8 stops at 0 and 255"
)]
fn grey(numbers: &[f64], kind: Element) -> Vec<u8> {
    let finite = || numbers.iter().copied().filter(|number| number.is_finite());
    let (least, greatest) = match kind {
        Element::U8 => (0.0, 255.0),
        _ => (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max)),
    };
    numbers
        .iter()
        .map(|number| ((number - least) / (greatest - least) * 255.0).round() as u8)
        .collect()
}

fn fill(name: &Name, value: &str) -> Result<(), Failure> {
    let kind = library::view(name)?.kind();
    let row = ELEMENTS.iter().find(|row| row.kind == kind);
    let row = row.ok_or_else(|| {
        Failure::new(name, format!("its elements are {kind}: this cannot fill them"))
    })?;
    (row.fill)(name, value)
}

fn stat(name: &Name) -> Result<(), Failure> {
    let array = library::view(name)?;
    let mut lines = library::elements(array.kind(), array.shape(), array.element_size());
    lines.extend(library::statistics(&array));
    output::print(&output::labelled(lines))
}

fn view(name: &Name) -> Result<(), Failure> {
    const LINES: usize = 40;

    let array = library::view(name)?;
    let numbers = library::numbers(&array)
        .ok_or_else(|| Failure::new(name, "its elements are not numbers"))?;
    let width = array.shape().dims().first().copied().unwrap_or(1);
    // The first plane of an array of more than two dimensions.
    let plane = array.shape().dims().iter().take(2).product::<usize>().min(numbers.len());
    output::print(&output::shades(&numbers[..plane], width, output::width().unwrap_or(80), LINES))
}
