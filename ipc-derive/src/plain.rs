//! `#[derive(Plain)]`: every byte belongs to a field, and every field is plain.
//!
//! `ipc_mem::derived` proves the contract of `Plain`, except for two facts: `Shape::read` proves
//! that the layout is fixed, and this file proves that a generic struct has no padding for any
//! parameters. The assertions that this file generates only give better messages: in the user's
//! crate, `::core` may be anything, so the proof relies on the assertions of `ipc_mem::derived`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Result};

use crate::shape::{Shape, refuse};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let shape = Shape::read(input, "Plain")?;
    if shape.options.is_some() || shape.fields.iter().any(|field| field.options.is_some()) {
        return refuse(shape.name, format!("`{}` is plain data, which has no options", shape.name));
    }
    if !shape.generics.params.is_empty() {
        refuse_padding_for_some_parameters(&shape)?;
    }
    Ok(shape.implement(&assert_no_padding(&shape), &TokenStream::new()))
}

/// Checks a generic struct by its syntax: it has no padding, for any parameters, if all its fields
/// are of one type or arrays of that type. Assertions would be evaluated too late, when the struct
/// already is `Plain`.
fn refuse_padding_for_some_parameters(shape: &Shape<'_>) -> Result<()> {
    let refuse = |at: &dyn ToTokens, place: &str| {
        let why = "its fields have to be of one type, or arrays of it, without `align`";
        refuse(
            at,
            format!(
                "the generic `{}` could have padding {place} for some parameters: {why}",
                shape.name
            ),
        )
    };
    if shape.repr.align {
        return refuse(shape.name, "at its end");
    }
    for pair in shape.fields.windows(2) {
        let [one, other] =
            [&pair[0], &pair[1]].map(|field| field.element().to_token_stream().to_string());
        // `$crate` is spelt alike in macros of two crates.
        if one != other || other.contains("$crate") {
            return refuse(pair[1].ty, &format!("before `{}`", pair[1].name()));
        }
    }
    Ok(())
}

/// Asserts that each field begins where the field before it ends, and that the struct ends where
/// the last field ends.
fn assert_no_padding(shape: &Shape<'_>) -> TokenStream {
    let name = shape.name;
    let assert = |at: Span, begin: TokenStream, end: &TokenStream, place: String| {
        let why =
            format!("`{name}` has padding {place}: put a field there, such as `_pad: [u8; N]`");
        quote_spanned!(Span::call_site().located_at(at)=> ::core::assert!(#begin == #end, #why);)
    };
    let mut assertions = TokenStream::new();
    let mut end = quote!(0);
    for field in &shape.fields {
        let (member, ty) = (&field.member, field.ty);
        let begin = quote!(::core::mem::offset_of!(Self, #member));
        let next = quote!(#begin + ::core::mem::size_of::<#ty>());
        assertions.extend(assert(member.span(), begin, &end, format!("before `{}`", field.name())));
        end = next;
    }
    assertions.extend(assert(
        name.span(),
        quote!(::core::mem::size_of::<Self>()),
        &end,
        String::from("at its end"),
    ));
    assertions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generic_struct_that_could_have_padding_is_refused() {
        for (source, place) in [
            ("#[repr(C)] struct It<T> { tag: u8, value: T }", "before `value`"),
            ("#[repr(C)] struct It<const N: usize> { text: [u8; N], len: u32 }", "before `len`"),
            ("#[repr(C, align(16))] struct It<T>(T, T);", "at its end"),
        ] {
            let refusal = derive(&syn::parse_str(source).unwrap()).unwrap_err().to_string();
            assert!(
                refusal.starts_with(&format!("the generic `It` could have padding {place}")),
                "{refusal}"
            );
        }
    }

    #[test]
    fn options_of_plain_data_are_refused() {
        for source in [
            "#[repr(C)] #[ipc(options = u8)] struct It(u8);",
            "#[repr(C)] struct It(#[ipc(options = 1)] u8);",
        ] {
            let refusal = derive(&syn::parse_str(source).unwrap()).unwrap_err().to_string();
            assert!(refusal.contains("has no options"), "{refusal}");
        }
    }

    #[test]
    fn a_generic_struct_of_one_type_and_its_arrays_is_accepted() {
        for source in [
            "#[repr(C)] struct It<T, const N: usize> { from: T, to: (T), via: [[T; 2]; N] }",
            "#[repr(transparent)] struct It<T>(T);",
        ] {
            assert!(derive(&syn::parse_str(source).unwrap()).is_ok(), "{source}");
        }
    }
}
