//! `#[derive(Resident)]`: a struct is initialised, destroyed and kept mapped field by field.
//!
//! `ipc_mem::derived` proves the contract of `Resident`, except for one fact: `Shape::read` proves
//! that the layout is fixed. The generated code calls no unsafe function.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Ident, Result};

use crate::shape::{Shape, pairs};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let shape = Shape::read(input, "Resident")?;
    let (name, krate) = (shape.name, &shape.krate);
    let choices = shape.fields.iter().map(|field| match &field.options {
        Some(options) => options.to_token_stream(),
        None => quote_spanned!(Span::call_site().located_at(field.ty.span())=> ::core::default::Default::default()),
    });
    let choices = pairs(&choices.collect::<Vec<_>>());
    let struct_options =
        shape.options.as_ref().map_or_else(|| quote!(()), ToTokens::to_token_stream);
    // Of the call site, so that the expressions of the fields can use it.
    let options = Ident::new("options", Span::call_site());
    let of_fields = quote!(<Self::Fields as #krate::derived::ResidentFields>);
    let items = quote! {
        type Options = #struct_options;

        #[allow(unused_variables)]
        fn options(#options: #struct_options) -> #of_fields::Options {
            #choices
        }
    };
    let implementation = shape.implement(&TokenStream::new(), &items);
    // A sentence for what would not compile anyway.
    let why = format!(
        "`{name}` cannot be `Resident`: it implements `Drop`, and may live longer than every process; its fields are \
         destroyed where they are"
    );
    let no_drop = shape.generics.params.is_empty().then(|| {
        quote! {
            #[allow(deprecated)]
            const _: () = ::core::assert!(!::core::mem::needs_drop::<#name>(), #why);
        }
    });
    Ok(quote!(#implementation #no_drop))
}
