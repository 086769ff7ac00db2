//! The struct for which a trait is derived: the checks of both macros, and the implementation that
//! they generate.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, Generics, Ident, LitStr, Member, Meta, Path, Result,
    Token, Type,
};
use syn::{TypeArray, TypeGroup, TypeParen, WherePredicate, parse_quote};

/// A struct with at least one field, and a layout that is the same in every program.
pub(crate) struct Shape<'a> {
    pub(crate) name: &'a Ident,
    /// The trait that is derived, by its whole path.
    pub(crate) derived: Path,
    /// The trait that is implemented in its place.
    implemented: Path,
    /// The path of `ipc-mem`.
    pub(crate) krate: Path,
    /// The parameters of the struct; if some are types, with bounds that make each field implement
    /// the trait.
    pub(crate) generics: Generics,
    pub(crate) repr: Repr,
    /// The type in `#[ipc(options = Type)]`.
    pub(crate) options: Option<Type>,
    pub(crate) fields: Vec<Field<'a>>,
}

/// A field of the struct.
pub(crate) struct Field<'a> {
    /// Its name or index, as written after a dot.
    pub(crate) member: Member,
    /// Its name in the generated code.
    pub(crate) local: Ident,
    pub(crate) ty: &'a Type,
    /// The expression in `#[ipc(options = expression)]`.
    pub(crate) options: Option<Expr>,
}

/// The content of `#[repr(…)]`.
#[derive(Default)]
pub(crate) struct Repr {
    c: bool,
    packed: bool,
    transparent: bool,
    pub(crate) align: bool,
}

impl<'a> Shape<'a> {
    /// Reads the struct for which `derived` is wanted, or returns the reason why it cannot be
    /// derived.
    pub(crate) fn read(input: &'a DeriveInput, derived: &str) -> Result<Self> {
        let name = &input.ident;
        let refuse = |why: &str| refuse(name, format!("`{name}` cannot be `{derived}`: {why}"));
        let data = match &input.data {
            Data::Struct(data) => data,
            Data::Enum(_) => {
                return refuse(
                    "another program could write bytes that are none of its variants; store an integer",
                );
            }
            Data::Union(_) => {
                return refuse(
                    "another program cannot know which of its fields is there; store an array of bytes",
                );
            }
        };
        let repr = Repr::read(&input.attrs)?;
        if input.generics.lifetimes().next().is_some() {
            return refuse("it has a lifetime, and another program does not have what it borrows");
        }
        if !repr.c && !repr.transparent {
            return refuse("its layout has to be the same in every program; add `#[repr(C)]`");
        }
        if repr.packed {
            return refuse(
                "it is packed, so that its fields are not aligned; order them by size, the largest first",
            );
        }
        if data.fields.is_empty() {
            return refuse("it has no fields, and so nothing to share");
        }
        let fields: Vec<_> = data
            .fields
            .members()
            .zip(&data.fields)
            .enumerate()
            .map(Field::read)
            .collect::<Result<_>>()?;
        let (krate, options) = attributes(name, &input.attrs)?;
        let has_options = derived == "Resident";
        let [derived, implemented] = [format_ident!("{derived}"), format_ident!("{derived}Struct")];
        let derived: Path = parse_quote!(#krate::#derived);
        let implemented = parse_quote!(#krate::derived::#implemented);
        let mut generics = input.generics.clone();
        if generics.type_params().next().is_some() {
            let bounds = fields.iter().map(|field| -> WherePredicate {
                let ty = field.element();
                if has_options && field.options.is_none() {
                    parse_quote!(#ty: #derived<Options: ::core::default::Default>)
                } else {
                    parse_quote!(#ty: #derived)
                }
            });
            generics.make_where_clause().predicates.extend(bounds);
        }
        Ok(Self { name, derived, implemented, krate, generics, repr, options, fields })
    }

    /// Generates the implementation of the trait in `ipc_mem::derived` from which the derived trait
    /// follows: assertions for better messages, then the items that are checked there, then the
    /// other items.
    ///
    /// The schema of a struct without parameters is evaluated, and so checked, where the struct is
    /// defined. The schema of a generic struct is evaluated where the struct is used.
    pub(crate) fn implement(&self, assertions: &TokenStream, items: &TokenStream) -> TokenStream {
        let Self { name, derived, krate, generics, fields, .. } = self;
        let (params, args, bounds) = generics.split_for_impl();
        let implemented = &self.implemented;
        let members: Vec<_> = fields.iter().map(|field| &field.member).collect();
        let locals: Vec<_> = fields.iter().map(|field| &field.local).collect();
        let tys: Vec<_> = fields.iter().map(|field| field.ty).collect();
        let names = fields.iter().map(Field::name);
        let (types, values) = (pairs(&tys), pairs(&locals));
        let at_once = generics.params.is_empty().then(|| {
            quote! {
                #[allow(deprecated)]
                const _: &#krate::Schema = <#name as #derived>::SCHEMA;
            }
        });
        // The pattern proves that the fields seen here are those that the struct has: a macro in an
        // attribute below the derive may have changed them.
        quote! {
            #[automatically_derived]
            #[allow(deprecated)]
            unsafe impl #params #implemented for #name #args #bounds {
                type Fields = #types;

                const FIELDS: &'static [#krate::Field] = {
                    #assertions
                    &[#(#krate::Field {
                        name: #names,
                        offset: ::core::mem::offset_of!(Self, #members),
                        schema: <#tys as #derived>::SCHEMA,
                    }),*]
                };

                fn into_fields(self) -> Self::Fields {
                    let Self { #(#members: #locals),* } = self;
                    #values
                }

                #items
            }
            #at_once
        }
    }
}

/// `(a, (b, (c, ())))`, for types, expressions and patterns.
pub(crate) fn pairs(items: &[impl ToTokens]) -> TokenStream {
    items.iter().rev().fold(
        quote!(()),
        |rest, item| quote_spanned!(Span::call_site().located_at(item.span())=> (#item, #rest)),
    )
}

impl<'a> Field<'a> {
    fn read((index, (member, field)): (usize, (Member, &'a syn::Field))) -> Result<Self> {
        let mut options = None;
        for attr in field.attrs.iter().filter(|attr| attr.path().is_ident("ipc")) {
            attr.parse_nested_meta(|meta| {
                if !meta.path.is_ident("options") {
                    return Err(meta.error("expected `options = expression`"));
                }
                options = Some(meta.value()?.parse()?);
                Ok(())
            })?;
        }
        Ok(Self { member, local: format_ident!("__{index}"), ty: &field.ty, options })
    }

    /// Its name as it is stored: without `r#`, and a number in a tuple.
    pub(crate) fn name(&self) -> String {
        match &self.member {
            Member::Named(name) => name.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }

    /// The element type of its array, or of its nested arrays; its own type, if it is not an array.
    pub(crate) fn element(&self) -> &'a Type {
        let mut ty = self.ty;
        while let Type::Array(TypeArray { elem: inner, .. })
        | Type::Group(TypeGroup { elem: inner, .. })
        | Type::Paren(TypeParen { elem: inner, .. }) = ty
        {
            ty = inner;
        }
        ty
    }
}

impl Repr {
    fn read(attrs: &[Attribute]) -> Result<Self> {
        let mut repr = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("repr")) {
            for word in attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)? {
                repr.c |= word.path().is_ident("C");
                repr.transparent |= word.path().is_ident("transparent");
                repr.align |= word.path().is_ident("align");
                repr.packed |= word.path().is_ident("packed");
            }
        }
        Ok(repr)
    }
}

/// The crates that give access to `ipc-mem`, and its path in each of them.
const WAYS: [(&str, &str); 7] = [
    ("ipc-mem", ""),
    ("ipc", "::mem"),
    ("ipc-shmarray", "::mem"),
    ("ipc-shm", "::mem"),
    ("ipc-sync", "::mem"),
    ("ipc-queue", "::mem"),
    ("ipc-ring", "::mem"),
];

/// The path of `ipc-mem`, from the manifest of the user's crate; `None` if no dependency there
/// provides it. Without a manifest, the path is `::ipc_mem`.
fn found_path() -> Option<Path> {
    let mut has_manifest = true;
    for (krate, rest) in WAYS {
        let name = match crate_name(krate) {
            Ok(FoundCrate::Itself) => krate.replace('-', "_"),
            Ok(FoundCrate::Name(name)) => name,
            Err(proc_macro_crate::Error::CrateNotFound { .. }) => continue,
            Err(_) => {
                has_manifest = false;
                continue;
            }
        };
        return syn::parse_str(&format!("::{name}{rest}")).ok();
    }
    (!has_manifest).then(|| parse_quote!(::ipc_mem))
}

/// The path in `#[ipc(crate = "path")]`, or the path of `ipc-mem` if the attribute is absent, and
/// the type in `#[ipc(options = Type)]`.
fn attributes(name: &Ident, attrs: &[Attribute]) -> Result<(Path, Option<Type>)> {
    let (mut path, mut options) = (None, None);
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("ipc")) {
        attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                path = Some(meta.value()?.parse::<LitStr>()?.parse_with(Path::parse_mod_style)?);
            } else if meta.path.is_ident("options") {
                options = Some(meta.value()?.parse()?);
            } else {
                return Err(
                    meta.error("expected `crate = \"path::of::ipc_mem\"` or `options = Type`")
                );
            }
            Ok(())
        })?;
    }
    match path.or_else(found_path) {
        Some(path) => Ok((path, options)),
        None => refuse(
            name,
            String::from(
                "this crate does not depend on `ipc-mem`: add it to `Cargo.toml`, or name the crate that has it with \
                 `#[ipc(crate = \"path::of::ipc_mem\")]`",
            ),
        ),
    }
}

/// An error that points at the fault in the user's source.
pub(crate) fn refuse<T>(at: impl ToTokens, why: String) -> Result<T> {
    Err(Error::new_spanned(at, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(source: &str) -> String {
        let input = syn::parse_str(source).unwrap();
        Shape::read(&input, "Resident").err().unwrap().to_string()
    }

    #[test]
    fn what_cannot_be_shared_is_refused_with_the_reason() {
        for (source, reason) in [
            ("#[repr(u8)] enum It { On, Off }", "store an integer"),
            ("#[repr(C)] union It { int: u32, float: f32 }", "store an array of bytes"),
            ("#[repr(C)] struct It<'a>(&'a u8);", "does not have what it borrows"),
            ("struct It(u8);", "add `#[repr(C)]`"),
            ("#[repr(align(8))] struct It(u8);", "add `#[repr(C)]`"),
            ("#[repr(C, packed(2))] struct It(u32, u8);", "order them by size"),
            ("#[repr(C)] #[repr(packed)] struct It(u32, u8);", "order them by size"),
            ("#[repr(C)] struct It {}", "nothing to share"),
        ] {
            let refusal = refusal(source);
            assert!(
                refusal.starts_with("`It` cannot be `Resident`: ") && refusal.contains(reason),
                "{source}: {refusal}"
            );
        }
    }

    #[test]
    fn an_attribute_says_where_ipc_mem_is() {
        let input =
            syn::parse_str("#[repr(C)] #[ipc(crate = \"::facade::mem\")] struct It(u8);").unwrap();
        let expanded =
            Shape::read(&input, "Plain").ok().unwrap().implement(&quote!(), &quote!()).to_string();
        assert!(
            expanded.contains(":: facade :: mem :: derived :: PlainStruct for It"),
            "{expanded}"
        );
        assert!(!expanded.contains("ipc_mem"), "{expanded}");
        assert!(
            refusal("#[repr(C)] #[ipc(path = \"facade\")] struct It(u8);")
                .contains("expected `crate =")
        );
        assert!(
            refusal("#[repr(C)] #[ipc(crate = \"1 + 1\")] struct It(u8);").contains("expected")
        );
    }
}
