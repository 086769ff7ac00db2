//! The items of a file of bindings: its constants, types and members, with their layout.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{Expr, Fields, FieldsNamed, ForeignItem, Item, Lit, Stmt, Type};

use super::generate::AllowList;

/// Part of the name that bindgen invents for a type without a name.
const NO_NAME: &str = "__bindgen_ty";

/// The prefix of the structs inside the C library's locks. Their members are private: they change from version to
/// version, and no other code uses them.
const PRIVATE: &str = "__pthread_";

/// All items of one file, in their order.
#[derive(Debug, Default)]
pub(super) struct Items {
    pub(super) constants: BTreeMap<String, i128>,
    pub(super) functions: Vec<String>,
    /// Structs, unions and aliases that have a name in C.
    pub(super) types: Vec<Named>,
    pub(super) members: Vec<Member>,
}

/// A type with a name.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) rust: String,
    pub(super) c: String,
    pub(super) shape: Shape,
}

/// A member of a struct or union, or of unnamed ones inside it at any depth.
#[derive(Debug)]
pub(super) struct Member {
    /// The named type that contains the member, in Rust and in C.
    pub(super) rust: String,
    pub(super) c: String,
    /// The path of the member in that type, in Rust and in C.
    pub(super) rust_path: String,
    pub(super) c_path: String,
    /// The number of indices that lead to one integer, if the member is an array.
    pub(super) dimensions: usize,
    pub(super) offset: i128,
    pub(super) shape: Shape,
}

/// The layout of a type; an array has the sign of its elements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) size: i128,
    pub(super) align: i128,
    pub(super) signed: Option<bool>,
}

impl Items {
    /// A name of the list that the file lacks.
    pub(super) fn lack<'a>(&self, list: &'a AllowList) -> Option<&'a String> {
        let types: BTreeSet<_> = self.types.iter().map(|named| &named.rust).collect();
        let mut constants = list.constants.iter().map(|constant| &constant.name);
        None.or_else(|| constants.find(|&name| !self.constants.contains_key(name)))
            .or_else(|| list.functions.iter().find(|&name| !self.functions.contains(name)))
            .or_else(|| list.types.keys().find(|name| !types.contains(name)))
    }
}

/// Reads a file of bindings that was generated from `list`.
pub(super) fn read(text: &str, list: &AllowList, char_is_signed: bool) -> Result<Items, String> {
    let file = syn::parse_file(text).map_err(|error| error.to_string())?;
    let mut facts = Facts {
        list,
        char_is_signed,
        aliases: BTreeMap::new(),
        fields: BTreeMap::new(),
        layout: BTreeMap::new(),
    };
    for item in &file.items {
        facts.learn(item).ok_or_else(|| unexpected(item))?;
    }
    let mut items = Items::default();
    for item in &file.items {
        facts.list(item, &mut items).ok_or_else(|| unexpected(item))?;
    }
    Ok(items)
}

fn unexpected(item: &Item) -> String {
    format!("bindgen made something that its checks do not know: {}", item.to_token_stream())
}

/// The types of the file.
#[derive(Debug)]
struct Facts<'a> {
    list: &'a AllowList,
    char_is_signed: bool,
    aliases: BTreeMap<String, &'a Type>,
    /// Structs and unions.
    fields: BTreeMap<String, &'a FieldsNamed>,
    /// The numbers of bindgen's assertions, by `Size of stat`, `Offset of field: stat::st_dev`.
    layout: BTreeMap<String, i128>,
}

impl<'a> Facts<'a> {
    fn learn(&mut self, item: &'a Item) -> Option<()> {
        match item {
            Item::Type(item) => {
                self.aliases.insert(item.ident.to_string(), &item.ty);
            }
            Item::Union(item) => {
                self.fields.insert(item.ident.to_string(), &item.fields);
            }
            Item::Struct(item) => {
                let Fields::Named(fields) = &item.fields else { return None };
                self.fields.insert(item.ident.to_string(), fields);
            }
            Item::Const(item) if item.ident == "_" => {
                let Expr::Block(block) = &*item.expr else { return None };
                for statement in &block.block.stmts {
                    let (what, number) = assertion(statement)?;
                    self.layout.insert(what, number);
                }
            }
            _ => (),
        }
        Some(())
    }

    fn list(&self, item: &Item, items: &mut Items) -> Option<()> {
        let name = match item {
            Item::Const(item) if item.ident == "_" => return Some(()),
            Item::Use(_) => return Some(()), // a second name
            Item::Const(item) => {
                items.constants.insert(item.ident.to_string(), integer(&item.expr)?);
                return Some(());
            }
            Item::ForeignMod(block) => {
                for item in &block.items {
                    let ForeignItem::Fn(function) = item else { return None };
                    items.functions.push(function.sig.ident.to_string());
                }
                return Some(());
            }
            Item::Type(item) => item.ident.to_string(),
            Item::Struct(item) => item.ident.to_string(),
            Item::Union(item) => item.ident.to_string(),
            _ => return None,
        };
        let incomplete = self.fields.contains_key(&name)
            && !self.layout.contains_key(&format!("Size of {name}"));
        if name.contains(NO_NAME) || incomplete {
            return Some(());
        }
        let c = format!("{}{name}", self.list.types.get(&name).unwrap_or(&""));
        if !name.starts_with(PRIVATE) {
            self.members(&name, &c, &name, ["", ""], 0, items)?;
        }
        items.types.push(Named { shape: self.shape_of_name(&name)?, rust: name, c });
        Some(())
    }

    /// Lists the members of the type `within`, whose paths in the type `rust` are `paths`.
    fn members(
        &self,
        rust: &str,
        c: &str,
        within: &str,
        paths: [&str; 2],
        start: i128,
        items: &mut Items,
    ) -> Option<()> {
        let fields = self.fields.get(within).into_iter().flat_map(|fields| &fields.named);
        for field in fields {
            let name = field.ident.as_ref()?.to_string();
            let offset = start + self.layout.get(&format!("Offset of field: {within}::{name}"))?;
            let rust_path = join(paths[0], &name);
            // C names the members of an unnamed member as if they were members of the outer type.
            let nameless = name.starts_with("__bindgen_anon");
            let c_path = if nameless { paths[1].into() } else { join(paths[1], &name) };
            let ty = field.ty.to_token_stream().to_string();
            if ty.contains(NO_NAME) {
                self.members(rust, c, &ty, [&rust_path, &c_path], offset, items)?;
            }
            if !nameless {
                items.members.push(Member {
                    rust: rust.into(),
                    c: c.into(),
                    rust_path,
                    c_path,
                    dimensions: dimensions(&field.ty),
                    offset,
                    shape: self.shape(&field.ty)?,
                });
            }
        }
        Some(())
    }

    fn shape(&self, ty: &Type) -> Option<Shape> {
        match ty {
            Type::Array(array) => {
                let Expr::Lit(length) = &array.len else { return None };
                let element = self.shape(&array.elem)?;
                Some(Shape { size: element.size * number(&length.lit)?, ..element })
            }
            Type::Ptr(_) => Some(Shape { size: 8, align: 8, signed: None }),
            Type::Path(path) => self.shape_of_name(&path.path.segments.last()?.ident.to_string()),
            _ => None,
        }
    }

    /// The layout of a type on any of our targets, which all have `long` and pointers of 64 bits.
    fn shape_of_name(&self, name: &str) -> Option<Shape> {
        let (size, signed) = match name {
            "c_char" => (1, Some(self.char_is_signed)),
            "c_schar" | "i8" => (1, Some(true)),
            "c_uchar" | "u8" => (1, Some(false)),
            "c_short" | "i16" => (2, Some(true)),
            "c_ushort" | "u16" => (2, Some(false)),
            "c_int" | "i32" => (4, Some(true)),
            "c_uint" | "u32" => (4, Some(false)),
            "c_long" | "c_longlong" | "i64" | "isize" => (8, Some(true)),
            "c_ulong" | "c_ulonglong" | "u64" | "usize" => (8, Some(false)),
            "Option" => (8, None), // of a function: the address, or 0
            _ => {
                if let Some(ty) = self.aliases.get(name) {
                    return self.shape(ty);
                }
                let size = *self.layout.get(&format!("Size of {name}"))?;
                let align = *self.layout.get(&format!("Alignment of {name}"))?;
                return Some(Shape { size, align, signed: None });
            }
        };
        Some(Shape { size, align: size, signed })
    }
}

/// Reads `["Size of stat"][size_of::<stat>() - 144usize];`.
fn assertion(statement: &Stmt) -> Option<(String, i128)> {
    let Stmt::Expr(Expr::Index(index), _) = statement else { return None };
    let (Expr::Array(array), Expr::Binary(difference)) = (&*index.expr, &*index.index) else {
        return None;
    };
    let (Expr::Lit(what), Expr::Lit(value)) = (array.elems.first()?, &*difference.right) else {
        return None;
    };
    let Lit::Str(what) = &what.lit else { return None };
    Some((what.value(), number(&value.lit)?))
}

fn number(literal: &Lit) -> Option<i128> {
    let Lit::Int(literal) = literal else { return None };
    literal.base10_parse().ok()
}

fn integer(expression: &Expr) -> Option<i128> {
    match expression {
        Expr::Lit(literal) => number(&literal.lit),
        Expr::Unary(negative) => integer(&negative.expr).map(|value| -value),
        _ => None,
    }
}

fn dimensions(ty: &Type) -> usize {
    match ty {
        Type::Array(array) => 1 + dimensions(&array.elem),
        _ => 0,
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}
