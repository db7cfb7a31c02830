//! Charges of a file, and which agreements take them.

use std::collections::BTreeMap;

use crate::plan::{Agreement, Plan};
use crate::report::told::ChargeFigures;
use crate::settlement::{Fit, fit};
use crate::ticket::{Charge, Skipped};

/// Takes out the charges that are in another currency than the agreement that takes them; none where there are none.
pub fn take_foreign(plan: &Plan, charges: &mut Vec<Charge>) -> Option<Skipped> {
    let mut found: Option<Skipped> = None;
    charges.retain(|charge| {
        let Some(first) = plan.agreements.iter().find_map(|agreement| foreign(agreement, charge)) else { return true };
        let count = found.as_ref().map_or(0, |found| found.count) + 1;
        let first = found.take().map_or(first, |found| found.first);
        found = Some(Skipped { kind: "charge_in_other_currency", count, lines: count, first });
        false
    });
    found
}

/// What is wrong with a charge that an agreement takes; none where it is in its currency.
fn foreign(agreement: &Agreement, charge: &Charge) -> Option<String> {
    let (own, other) = (agreement.currency?, charge.currency?);
    let is_foreign = own != other && fit(agreement, charge) == Fit::Taken;
    is_foreign.then(|| {
        let (own, other, stands) = (own.code(), other.code(), &charge.stands);
        format!(
            "{stands}: this charge is in {other}, and `{}` is in {own} (charge it in {own}, or leave such rows out with \
             `--on-bad-row skip`)",
            agreement.name
        )
    })
}

/// What was read of charges, in figures.
pub fn figures(plan: &Plan, charges: &[Charge]) -> ChargeFigures {
    let mut figures = ChargeFigures { read: charges.len(), ..ChargeFigures::default() };
    let mut same: BTreeMap<(&str, Option<&str>, Option<&str>), u64> = BTreeMap::new();
    for charge in charges {
        let fits: Vec<Fit> = plan.agreements.iter().map(|agreement| fit(agreement, charge)).collect();
        if fits.contains(&Fit::Taken) {
            let key = (charge.period.as_str(), charge.service.as_deref(), charge.customer.as_deref());
            *same.entry(key).or_default() += 1;
        } else if fits.contains(&Fit::OtherService) {
            *figures.other_services.entry(charge.service.clone()).or_default() += 1;
        } else {
            *figures.other_customers.entry(charge.customer.clone().unwrap_or_default()).or_default() += 1;
        }
    }
    let several = same.into_iter().filter(|(_, count)| *count > 1);
    figures.added =
        several.map(|((period, service, _), count)| (period.to_string(), service.map(str::to_string), count)).collect();
    figures
}
