//! `#[derive(Resident)]`: a struct is made, ended and kept mapped as its fields are.
//!
//! What `Resident` wants proved, and who proves it: a fixed layout, `Shape::read`; at least one byte, no pointer,
//! use by several processes and validity, the bound `Resident` on each of the fields, of which there is one;
//! nothing to drop, the fields again, and the function in the schema that takes the struct apart, which does not
//! compile if it implements `Drop`; unmapping, by asking each field. Padding is harmless: nobody reads it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

use crate::shape::Shape;

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let shape = Shape::read(input, "Resident")?;
    let (name, derived, krate) = (shape.name, &shape.derived, &shape.krate);
    let (mut init, mut destroy, mut may_unmap) = (TokenStream::new(), TokenStream::new(), quote!(true));
    for field in &shape.fields {
        let (member, local, ty) = (&field.member, &field.local, field.ty);
        // Proof: the offset of a field stays within the struct that the caller has at `__place`.
        let find = quote! {
            let #local = unsafe { __place.byte_add(::core::mem::offset_of!(Self, #member)) }.cast::<#ty>();
        };
        // Proof: a part of what the caller vouches is aligned, zeroed and nobody else's. If a later field
        // fails, the locals are dropped, the last first, and with each of them what it made.
        init.extend(quote! {
            #find
            unsafe { <#ty as #derived>::init(#local) }?;
            let #local = __Made(#local, <#ty as #derived>::destroy);
        });
        // Proof: made with the struct, and used no more, as the caller vouches.
        let end = quote!(#find unsafe { <#ty as #derived>::destroy(#local) };);
        destroy = quote!(#end #destroy);
        may_unmap.extend(quote!(&& <#ty as #derived>::may_unmap(&self.#member)));
    }
    let locals = shape.fields.iter().map(|field| &field.local);
    // Proof in `drop`: made by `init`, which has not succeeded, so that nobody else has got it.
    let items = quote! {
        unsafe fn init(__place: ::core::ptr::NonNull<Self>) -> #krate::Result<()> {
            struct __Made<T>(::core::ptr::NonNull<T>, unsafe fn(::core::ptr::NonNull<T>));
            impl<T> ::core::ops::Drop for __Made<T> {
                fn drop(&mut self) {
                    unsafe { (self.1)(self.0) }
                }
            }
            #init
            let _ = (#(::core::mem::ManuallyDrop::new(#locals),)*);
            ::core::result::Result::Ok(())
        }

        unsafe fn destroy(__place: ::core::ptr::NonNull<Self>) {
            #destroy
        }

        fn may_unmap(&self) -> ::core::primitive::bool {
            #may_unmap
        }
    };
    let implementation = shape.implement(&TokenStream::new(), &items);
    // A sentence for what would not compile anyway.
    let why = format!(
        "`{name}` cannot be `Resident`: it implements `Drop`, and nobody drops it; its fields are ended where they are"
    );
    let no_drop = shape.generics.params.is_empty().then(|| {
        quote! {
            #[allow(deprecated)]
            const _: () = ::core::assert!(!::core::mem::needs_drop::<#name>(), #why);
        }
    });
    Ok(quote!(#implementation #no_drop))
}
