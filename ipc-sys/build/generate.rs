//! Generates the bindings of one target from `headers.h` and `allow.txt`.
//!
//! `cargo xtask bindgen` and, under the feature `generate`, the build script share this file.
//!
//! bindgen reads no macros itself: it would use the first definition of a name that is defined
//! twice, drop every cast, and give each value the type `u32`. Instead, each constant of the list
//! becomes a C object after all headers, of the type that the list names, as in
//! `const int mark_O_CREAT = O_CREAT;`. The compiler evaluates it.

use std::{collections::BTreeMap, fmt::Write as _};

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
