//! The words scripts know besides the language itself.

use std::sync::{Arc, LazyLock};

use ::rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage,
    BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use ::rhai::{Dynamic, EvalAltResult, INT, Module, Position, Shared};
use rust_decimal::{Decimal, RoundingStrategy};

use super::value;

type Tried<T> = Result<T, Box<EvalAltResult>>;

/// The library, built once. The standard package as a whole is off: it has `sleep`, `timestamp` and `exit`.
pub fn shared() -> Shared<Module> {
    static LIBRARY: LazyLock<Shared<Module>> = LazyLock::new(|| Shared::new(library()));
    LIBRARY.clone()
}

fn library() -> Module {
    let mut module = Module::new();
    ArithmeticPackage::init(&mut module);
    LogicPackage::init(&mut module);
    BasicStringPackage::init(&mut module);
    MoreStringPackage::init(&mut module);
    BasicArrayPackage::init(&mut module);
    BasicMapPackage::init(&mut module);
    BasicMathPackage::init(&mut module);
    BasicIteratorPackage::init(&mut module);
    BasicFnPackage::init(&mut module);
    division(&mut module);
    rounding(&mut module);
    lists(&mut module);
    module
}

fn division(module: &mut Module) {
    module.set_native_fn("/", |left: INT, right: INT| -> Tried<Decimal> {
        let divided = Decimal::from(left).checked_div(Decimal::from(right));
        divided.ok_or_else(|| Box::new(EvalAltResult::ErrorArithmetic("division by zero".into(), Position::NONE)))
    });
    module.set_native_fn("/=", |_: &mut INT, _: INT| -> Tried<()> {
        Err("write `x = x / y`: a whole number cannot hold the quotient".into())
    });
}

fn rounding(module: &mut Module) {
    fn no_mode() -> Box<EvalAltResult> {
        "`round` needs decimals and a mode: `round(x, 2, \"half up\")`, or \"half even\", \"up\" or \"down\"".into()
    }
    fn round(number: Decimal, places: INT, mode: &str) -> Tried<Decimal> {
        let strategy = match mode {
            "half up" => RoundingStrategy::MidpointAwayFromZero,
            "half even" => RoundingStrategy::MidpointNearestEven,
            "up" => RoundingStrategy::AwayFromZero,
            "down" => RoundingStrategy::ToZero,
            _ => return Err(no_mode()),
        };
        let places = u32::try_from(places).ok().filter(|places| *places <= Decimal::MAX_SCALE);
        let places = places.ok_or_else(|| Box::<EvalAltResult>::from("`round` takes 0 to 28 decimals"))?;
        Ok(number.round_dp_with_strategy(places, strategy))
    }
    module.set_native_fn("round", |number: Decimal, places: INT, mode: &str| round(number, places, mode));
    module.set_native_fn("round", |number: INT, places: INT, mode: &str| round(Decimal::from(number), places, mode));
    module.set_native_fn("round", |_: Decimal| -> Tried<Decimal> { Err(no_mode()) });
    module.set_native_fn("round", |_: INT| -> Tried<Decimal> { Err(no_mode()) });
    module.set_native_fn("round", |_: Decimal, _: INT| -> Tried<Decimal> { Err(no_mode()) });
    module.set_native_fn("round", |_: INT, _: INT| -> Tried<Decimal> { Err(no_mode()) });
}

/// Breaches, outages, periods and fees: the host's own data, so that no size limit of scripts counts it.
#[derive(Debug, Clone)]
pub struct List(pub Arc<[Dynamic]>);

impl IntoIterator for List {
    type Item = Dynamic;
    type IntoIter = std::vec::IntoIter<Dynamic>;

    fn into_iter(self) -> Self::IntoIter {
        Vec::from(&*self.0).into_iter()
    }
}

fn lists(module: &mut Module) {
    fn length(list: &List) -> Tried<INT> {
        Ok(INT::try_from(list.0.len()).unwrap_or(INT::MAX))
    }
    module.set_iterable::<List>();
    module.set_native_fn("len", |list: &mut List| length(list));
    module.set_getter_fn("len", |list: &mut List| length(list));
    module.set_indexer_get_fn(|list: &mut List, index: INT| -> Tried<Dynamic> {
        let found = usize::try_from(index).ok().and_then(|index| list.0.get(index).cloned());
        found.ok_or_else(|| Box::new(EvalAltResult::ErrorArrayBounds(list.0.len(), index, Position::NONE)))
    });
    module.set_native_fn("sum", |list: &mut List, field: &str| -> Tried<Decimal> {
        let mut sum = Decimal::ZERO;
        for item in list.0.iter() {
            let figure = value::figure_of(item, field);
            let figure =
                figure.ok_or_else(|| Box::<EvalAltResult>::from(format!("`{field}` is no field with numbers")))?;
            let next = sum.checked_add(figure);
            sum = next.ok_or_else(|| {
                Box::new(EvalAltResult::ErrorArithmetic("the sum is too large".into(), Position::NONE))
            })?;
        }
        Ok(sum)
    });
}
