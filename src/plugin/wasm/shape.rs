//! What a component must look like: it exports the function of one world of `plugins/wit/` and imports nothing.

use wasmtime::Engine;
use wasmtime::component::types::{self, ComponentFunc, ComponentItem};

use crate::plugin::{Failure, Kind};

use super::failure::{failure, first_line};
use super::world;

/// The interface that gives types their names. A component that was built against the worlds imports it, and has its
/// version from it.
pub const TYPES: &str = "klausel:plugin/types@1.0.0";
const PACKAGE: &str = "klausel:plugin/";
/// Python's `componentize-py` leaves its own set-up behind in an interface of this name; nobody calls it.
const SET_UP: &str = "exports";

/// The first bytes of a wasm file say whether it is a module or a component.
///
/// # Errors
/// When it is no component.
pub fn is_component(bytes: &[u8]) -> Result<(), Failure> {
    let help = "build a component: `wasm-tools component new guest.wasm -o plugin.wasm`";
    match bytes {
        [] => Err(failure("the file is empty", "copy the component whole")),
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Err(failure("the file is a core module, and no component", help)),
        [0, b'a', b's', b'm', ..] => Err(failure("the file is cut short, or of another version of wasm", help)),
        _ => Err(failure("the file is no wasm, whatever its name says", help)),
    }
}

/// The kind of a component, by what it exports.
///
/// # Errors
/// When it imports anything but names of types, when it exports nothing of a world or more than that, when what it exports
/// takes or returns something else.
pub fn kind(engine: &Engine, component: &types::Component) -> Result<Kind, Failure> {
    nothing_is_imported(engine, component)?;
    let mut found = Vec::new();
    let mut extra = Vec::new();
    for (name, item) in component.exports(engine) {
        let known = Kind::ALL.into_iter().find(|kind| kind.export() == name);
        match (item.ty, known) {
            (ComponentItem::ComponentFunc(function), Some(kind)) => found.push((kind, function)),
            (ComponentItem::Type(_), _) => {}
            (ComponentItem::ComponentInstance(_), _) if name == SET_UP => {}
            _ => extra.push(format!("`{name}`")),
        }
    }
    if !extra.is_empty() {
        let what = format!("the component exports {}, which no world has", extra.join(", "));
        return Err(failure(what, format!("a plugin exports one function and no more: {}", exports())));
    }
    match found.as_slice() {
        [(kind, function)] => fits(*kind, function, component),
        [] => Err(no_export()),
        several => {
            let names: Vec<String> = several.iter().map(|(kind, _)| format!("`{}`", kind.export())).collect();
            let what = format!("the component exports several functions: {}", names.join(", "));
            Err(failure(what, "build one component for each kind"))
        }
    }
}

/// A component without the function of a world.
pub fn no_export() -> Failure {
    failure("the component exports no function that can be asked", format!("export one of: {}", exports()))
}

fn exports() -> String {
    Kind::ALL.map(|kind| format!("`{}` (kind {})", kind.export(), kind.word())).join(", ")
}

/// Names of types may be imported, and of this version: all else is named.
fn nothing_is_imported(engine: &Engine, component: &types::Component) -> Result<(), Failure> {
    let is_type = |item: &ComponentItem| matches!(item, ComponentItem::Type(_));
    let mut imports = Vec::new();
    for (name, item) in component.imports(engine) {
        let is_names_only = match &item.ty {
            ComponentItem::ComponentInstance(instance) => instance.exports(engine).all(|(_, item)| is_type(&item.ty)),
            item => is_type(item),
        };
        let is_interface = matches!(item.ty, ComponentItem::ComponentInstance(_));
        if is_interface && name.starts_with(PACKAGE) && name != TYPES {
            let what = format!("the component is of another version: it goes by `{name}`");
            return Err(failure(what, format!("build it against `plugins/wit/`, which is `{TYPES}`")));
        }
        if !is_names_only || (is_interface && name != TYPES) {
            imports.push(format!("`{name}`"));
        }
    }
    if imports.is_empty() {
        return Ok(());
    }
    let help = "a plugin has no files, no clock and no network: build it without WASI and other imports";
    Err(failure(format!("the component imports {}", imports.join(", ")), help))
}

fn fits(kind: Kind, function: &ComponentFunc, component: &types::Component) -> Result<Kind, Failure> {
    world::fits(kind, function, component).map(|()| kind).map_err(|error| {
        let (export, world) = (kind.export(), kind.word());
        let what = format!("`{export}` does not take or return what the world `{world}` says: {}", first_line(&error));
        failure(what, format!("build it against this version of `plugins/wit/`, `{TYPES}`"))
    })
}
