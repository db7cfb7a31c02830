//! What a component must look like: the worlds of `plugins/wit/`, told as shapes of types.

use wasmtime::Engine;
use wasmtime::component::types::{self, ComponentFunc, ComponentItem, Type};

use crate::plugin::{Failure, Kind};

use super::failure;

/// The interface that gives types their names.
pub const TYPES: &str = "klausel:plugin/types@1.0.0";
const PACKAGE: &str = "klausel:plugin/";

/// The kind of a component, by what it exports.
///
/// # Errors
/// When it imports anything but names of types, when it exports nothing of a world or more than that, when what it exports
/// takes or returns something else.
pub fn kind(engine: &Engine, component: &types::Component) -> Result<Kind, Failure> {
    for (name, item) in component.imports(engine) {
        is_harmless(engine, name, &item.ty)?;
    }
    let mut found = Vec::new();
    let mut extra = Vec::new();
    for (name, item) in component.exports(engine) {
        let known = Kind::ALL.into_iter().find(|kind| kind.export() == name);
        match (&item.ty, known) {
            (ComponentItem::ComponentFunc(function), Some(kind)) => found.push((kind, function.clone())),
            (ComponentItem::Type(_), _) => {}
            _ => extra.push(format!("`{name}`")),
        }
    }
    let exports = || Kind::ALL.map(|kind| format!("`{}` ({})", kind.export(), kind.word())).join(", ");
    if !extra.is_empty() {
        let what = format!("the component exports {}, which no world has", extra.join(", "));
        return Err(failure(what, format!("a plugin exports one function and no more: {}", exports())));
    }
    match found.as_slice() {
        [(kind, function)] => fits(*kind, function),
        [] => {
            Err(failure("the component exports no function that can be asked", format!("export one of {}", exports())))
        }
        [(first, _), (second, _), ..] => {
            let what = format!("the component exports both `{}` and `{}`", first.export(), second.export());
            Err(failure(what, "build one component for each kind"))
        }
    }
}

/// Whether an import is of names of types only, and of this version.
fn is_harmless(engine: &Engine, name: &str, item: &ComponentItem) -> Result<(), Failure> {
    let only_types = match item {
        ComponentItem::ComponentInstance(instance) => {
            instance.exports(engine).all(|(_, item)| matches!(item.ty, ComponentItem::Type(_)))
        }
        ComponentItem::Type(_) => true,
        _ => false,
    };
    if only_types && name.starts_with(PACKAGE) && name != TYPES {
        let what = format!("the component is of another version: it goes by `{name}`");
        return Err(failure(what, format!("build it against `plugins/wit/`, which is `{TYPES}`")));
    }
    if !only_types {
        let help = "a plugin has no files, no clock and no network: build it without WASI and other imports";
        return Err(failure(format!("the component imports `{name}`"), help));
    }
    Ok(())
}

/// Whether a function takes and returns what its world says.
fn fits(kind: Kind, function: &ComponentFunc) -> Result<Kind, Failure> {
    let taken: Vec<String> = function.params().map(|(_, shape)| told(&shape)).collect();
    let returned: Vec<String> = function.results().map(|shape| told(&shape)).collect();
    let (takes, returns) = world(kind);
    if taken == takes && returned == [returns] {
        return Ok(kind);
    }
    let what = format!("`{}` does not take or return what the world `{}` says", kind.export(), kind.word());
    Err(failure(what, "build it against this version of `plugins/wit/`"))
}

/// What the function of a world takes and returns.
fn world(kind: Kind) -> (Vec<String>, String) {
    let pair = "record{name:string,value:string}";
    let money = "record{amount:string,currency:string}";
    let breach = format!(
        "record{{ticket:string,metric:string,tier:string,priority:string,started-at:s64,due-at:s64,breached-at:s64,\
         stopped-at:option<s64>,target-ms:s64,elapsed-ms:s64,paused-ms:s64,late-ms:s64,fields:list<{pair}>}}"
    );
    let outage = format!("record{{service:string,start:s64,end:option<s64>,fields:list<{pair}>}}");
    let period = "record{start:s64,end:s64,met:u64,breached:u64,numerator:string,denominator:string,tickets:u64}";
    let fee = format!("record{{service:option<string>,amount:{money}}}");
    let context = format!(
        "record{{agreement:string,clause:string,reference:option<string>,fees:list<{fee}>,period:option<{period}>,\
         earlier:list<{period}>,breaches:list<{breach}>,outages:list<{outage}>,arguments:list<{pair}>}}"
    );
    let ticket = format!("record{{id:string,created-at:s64,fields:list<{pair}>}}");
    let assessment = format!("result<record{{amount:{money},note:string}},string>");
    let arguments = format!("list<{pair}>");
    match kind {
        Kind::Credit => (vec![context], assessment),
        Kind::Margin => (vec![context, money.to_string()], assessment),
        Kind::Measure => (vec![context], "result<string,string>".to_string()),
        Kind::Classify => (vec![ticket, arguments], "result<string,string>".to_string()),
        Kind::Pause => (vec![ticket, arguments], "result<bool,string>".to_string()),
    }
}

/// A type in words, whatever it is called.
fn told(shape: &Type) -> String {
    match shape {
        Type::Bool => "bool".to_string(),
        Type::S64 => "s64".to_string(),
        Type::U64 => "u64".to_string(),
        Type::String => "string".to_string(),
        Type::List(list) => format!("list<{}>", told(&list.ty())),
        Type::Option(option) => format!("option<{}>", told(&option.ty())),
        Type::Record(record) => {
            let fields = record.fields().map(|field| format!("{}:{}", field.name, told(&field.ty)));
            format!("record{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Type::Result(result) => {
            let part = |part: Option<Type>| part.map_or("_".to_string(), |part| told(&part));
            format!("result<{},{}>", part(result.ok()), part(result.err()))
        }
        other => format!("{other:?}"),
    }
}
