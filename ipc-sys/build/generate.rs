//! Generates the bindings of one target from `headers.h` and `allow.txt`.
//!
//! `cargo xtask bindgen` and, under the feature `generate`, the build script share this file.
//!
//! bindgen reads no macros itself: it would use the first definition of a name that is defined
//! twice, drop every cast, and give each value the type `u32`. Instead, each constant of the list
//! becomes a C object after all headers, of the type that the list names, as in
//! `const int mark_O_CREAT = O_CREAT;`. The compiler evaluates it.
//!
//! Nor does bindgen know which functions are sound with any arguments. [`with_safe_functions`]
//! declares those of the list as `safe`, with the references that the list names for pointers.

use std::{collections::BTreeMap, fmt::Write as _, iter, ops::Range};

use bindgen::callbacks::{
    EnumVariantCustomBehavior, EnumVariantValue, ItemInfo, ItemKind, MacroParsingBehavior,
    ParseCallbacks,
};

/// The prefix of the name of each object that holds the value of a constant.
const MARK: &str = "ipc_sys_const_";

/// The items of `allow.txt` that are bound for one target.
#[derive(Debug, Default)]
pub(crate) struct AllowList {
    /// Names of functions.
    pub(crate) functions: Vec<String>,
    /// Functions that are sound with any arguments, with the kind of each parameter that is not
    /// declared as in C.
    pub(crate) safe: Vec<(String, Vec<String>)>,
    /// Names of types, with the keyword that C requires before some of them.
    pub(crate) types: BTreeMap<String, &'static str>,
    /// Integer constants.
    pub(crate) constants: Vec<Constant>,
}

/// An integer that C defines by a macro, an enumerator or an expression.
#[derive(Debug)]
pub(crate) struct Constant {
    /// The C type that the constant has in the bindings.
    pub(crate) c_type: String,
    /// The name of the constant in Rust.
    pub(crate) name: String,
    /// The C expression with the value of the constant.
    pub(crate) expression: String,
}

impl AllowList {
    /// Reads the lines of `text` that apply to `target`. Fails at a line that does not have the form
    /// described at the top of `allow.txt`.
    pub(crate) fn parse(text: &str, target: &str) -> Result<Self, String> {
        let mut list = Self::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            let (line, libc) = line.split_once('@').unwrap_or((line, ""));
            if !line.is_empty() && target.ends_with(libc) {
                list.add(line)
                    .ok_or_else(|| format!("allow.txt:{}: not understood: {line}", number + 1))?;
            }
        }
        Ok(list)
    }

    fn add(&mut self, line: &str) -> Option<()> {
        let (kind, rest) = line.split_once(' ')?;
        match kind {
            "fn" => self.functions.extend(words(rest)),
            "safe" => {
                let (names, kinds) = rest.split_once(':').unwrap_or((rest, ""));
                let kinds: Vec<_> =
                    kinds.split_terminator(',').map(|kind| kind.trim().into()).collect();
                self.functions.extend(words(names));
                self.safe.extend(words(names).map(|name| (name, kinds.clone())));
            }
            "type" => self.types.extend(words(rest).map(|name| (name, ""))),
            "struct" => self.types.extend(words(rest).map(|name| (name, "struct "))),
            "union" => self.types.extend(words(rest).map(|name| (name, "union "))),
            "enum" => self.types.extend(words(rest).map(|name| (name, "enum "))),
            "const" | "offset" => {
                let (c_type, names) = rest.split_once(':')?;
                self.constants.extend(words(names).map(|name| match kind {
                    "const" => Constant { c_type: c_type.into(), expression: name.clone(), name },
                    _ => Constant {
                        c_type: "size_t".into(),
                        expression: format!("offsetof({c_type}, {name})"),
                        name: format!("OFFSET_OF_{name}"),
                    },
                }));
            }
            _ => return None,
        }
        Some(())
    }

    /// C source that defines an object with the value of each constant.
    fn constants_as_objects(&self) -> String {
        let mut text = String::new();
        for Constant { c_type, name, expression } in &self.constants {
            _ = writeln!(text, "const {c_type} {MARK}{name} = {expression};");
        }
        text
    }
}

/// Declares the safe functions of `list` as such in `bindings`, which bindgen generated.
pub(crate) fn with_safe_functions(bindings: &str, list: &AllowList) -> Result<String, String> {
    let mut text = String::from(bindings);
    for (name, kinds) in &list.safe {
        let declared = safe_declaration(&text, name, kinds);
        let (range, safe) =
            declared.ok_or_else(|| format!("{name} does not have these parameters: {kinds:?}"))?;
        text.replace_range(range, &safe);
    }
    Ok(text)
}

/// The place of a function in the bindings, and the declaration that makes it safe.
fn safe_declaration(text: &str, name: &str, kinds: &[String]) -> Option<(Range<usize>, String)> {
    let head = format!("pub fn {name}(");
    let start = text.find(&head)?;
    let first = start + head.len();
    let end = first + text[first..].find(')')?;
    let parameters =
        text[first..end].split(',').map(str::trim).filter(|parameter| !parameter.is_empty());
    let parameters: Vec<_> = parameters.collect();
    if !kinds.is_empty() && kinds.len() != parameters.len() {
        return None;
    }
    let kinds = kinds.iter().map(String::as_str).chain(iter::repeat("_"));
    let parameters = parameters.into_iter().zip(kinds).map(|(parameter, kind)| {
        let (name, c) = parameter.split_once(':')?;
        Some(format!("{name}: {}", safe_type(text, c.trim(), kind)?))
    });
    let parameters = parameters.collect::<Option<Vec<_>>>()?.join(", ");
    Some((start..end, format!("pub safe fn {name}({parameters}")))
}

/// The type of a parameter of a safe function, in place of the one that C has in `bindings`.
///
/// A shared reference stands only for a pointer through which C does not write. By value, safe
/// functions take integers only: any value of a function pointer or union would not be sound.
fn safe_type(bindings: &str, c: &str, kind: &str) -> Option<String> {
    const BORROWED: &str = "::std::os::fd::BorrowedFd<'_>";

    let constant = c.strip_prefix("*const ");
    let pointer = c.strip_prefix("*mut ").or(constant);
    Some(match kind {
        "_" if is_integer(bindings, c) => c.into(),
        "fd" if is_descriptor(c) => BORROWED.into(),
        // The one value that a `BorrowedFd` cannot have is -1, so that is `None`.
        "?fd" if is_descriptor(c) => format!("::core::option::Option<{BORROWED}>"),
        "&" => format!("&{}", constant?),
        "?&" => format!("::core::option::Option<&{}>", constant?),
        "&mut" => format!("&mut {}", pointer?),
        "?&mut" => format!("::core::option::Option<&mut {}>", pointer?),
        "live" => format!("&crate::Live<{}>", pointer?),
        "mut live" => format!("&mut crate::Live<{}>", pointer?),
        "?live" => format!("::core::option::Option<&crate::Live<{}>>", pointer?),
        "new" => format!("&mut ::core::mem::MaybeUninit<crate::Live<{}>>", pointer?),
        _ => return None,
    })
}

fn is_descriptor(c: &str) -> bool {
    matches!(c, "::core::ffi::c_int" | "mqd_t")
}

/// Returns `true` if `c` is an integer, or another name of one.
fn is_integer(bindings: &str, c: &str) -> bool {
    let typedef = bindings.split_once(&format!("pub type {c} = "));
    let typedef = typedef.and_then(|(_, rest)| rest.split(';').next());
    let renamed = bindings.split_once(&format!(" as {c};"));
    let renamed = renamed.and_then(|(rest, _)| rest.rsplit("self::").next());
    if let Some(target) = typedef.or(renamed) {
        return is_integer(bindings, target);
    }
    match c.strip_prefix("::core::ffi::c_") {
        Some(name) => {
            let unsigned = name.strip_prefix('u').unwrap_or(name);
            ["char", "schar", "short", "int", "long", "longlong"].contains(&unsigned)
        }
        None => {
            let width = c.strip_prefix(['u', 'i'].as_slice()).unwrap_or_default();
            ["8", "16", "32", "64", "size"].contains(&width)
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace().map(str::to_owned)
}

/// A builder of the bindings, which fails if the headers lack one of the constants.
///
/// `headers` is the text of `headers.h`; `arguments` tell clang the target and its headers.
pub(crate) fn builder(headers: &str, list: &AllowList, arguments: &[String]) -> bindgen::Builder {
    let mut builder = bindgen::builder()
        .header_contents("ipc-sys.h", &format!("{headers}{}", list.constants_as_objects()))
        .clang_args(arguments)
        .clang_arg("-ferror-limit=0")
        .parse_callbacks(Box::new(Names))
        .rust_target(bindgen::RustTarget::stable(87, 0).expect("bindgen knows Rust 1.87"))
        .rust_edition(bindgen::RustEdition::Edition2024)
        .formatter(bindgen::Formatter::Prettyplease)
        .disable_header_comment()
        .use_core()
        .generate_comments(false)
        .layout_tests(true)
        .sort_semantically(true)
        .merge_extern_blocks(true)
        // No function takes an enum without a name: its enumerators are bound as constants.
        .blocklist_type("_bindgen_ty_[0-9]+")
        // A copy of a lock is not a lock.
        .no_copy("sem_t|pthread_(mutex|cond|rwlock|barrier)_t");
    for name in &list.functions {
        builder = builder.allowlist_function(name);
    }
    for name in list.types.keys() {
        builder = builder.allowlist_type(name);
    }
    for Constant { name, .. } in &list.constants {
        builder = builder.allowlist_var(name);
    }
    builder
}

/// Hides macros and enumerators, and removes [`MARK`] from the names of constants.
#[derive(Debug)]
struct Names;

impl ParseCallbacks for Names {
    fn will_parse_macro(&self, _name: &str) -> MacroParsingBehavior {
        MacroParsingBehavior::Ignore
    }

    fn enum_variant_behavior(
        &self,
        _enum_name: Option<&str>,
        _variant_name: &str,
        _value: EnumVariantValue,
    ) -> Option<EnumVariantCustomBehavior> {
        Some(EnumVariantCustomBehavior::Hide)
    }

    fn generated_name_override(&self, item: ItemInfo<'_>) -> Option<String> {
        match item.kind {
            ItemKind::Var => item.name.strip_prefix(MARK).map(str::to_owned),
            _ => None,
        }
    }
}
