/* An amount for a breach or a period: `credit by NAME(rate: 2%)`.
 * What is answered here is capped, combined and rounded by the agreement. */
#include <string.h>

#include "credit.h"
#include "decimal.h"

static bool is(credit_string_t text, const char *word) {
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

static bool fails(credit_string_t *error, const char *why) {
    credit_string_dup(error, why);
    return false;
}

static bool rate_of(const credit_context_t *context, decimal *rate) {
    for (size_t at = 0; at < context->arguments.len; at++) {
        const klausel_plugin_types_argument_t *argument = &context->arguments.ptr[at];
        if (is(argument->name, "rate")) return decimal_read(argument->value.ptr, argument->value.len, rate);
    }
    return false;
}

static bool fee_of(const credit_context_t *context, decimal *fee) {
    *fee = (decimal){0, 0};
    for (size_t at = 0; at < context->fees.len; at++) {
        credit_string_t text = context->fees.ptr[at].amount.amount;
        decimal amount;
        if (!decimal_read(text.ptr, text.len, &amount) || !decimal_plus(*fee, amount, fee)) return false;
    }
    return true;
}

/* The rate of the fee for each breach. */
bool exports_credit_assess(credit_context_t *context, credit_assessment_t *ret, credit_string_t *err) {
    decimal rate, amount, breaches = {(__int128)context->breaches.len, 0};
    if (!rate_of(context, &rate)) return fails(err, "the argument `rate` is missing or no number");
    if (context->fees.len == 0) return fails(err, "no fee is owed");
    if (!fee_of(context, &amount) || !decimal_times(amount, rate, &amount) || !decimal_times(amount, breaches, &amount))
        return fails(err, "a figure is too large");
    credit_string_t currency = context->fees.ptr[0].amount.currency;
    char text[DECIMAL_TEXT];
    credit_string_dup_n(&ret->amount.amount, text, decimal_write(amount, text));
    credit_string_dup_n(&ret->amount.currency, (const char *)currency.ptr, currency.len);
    credit_string_dup(&ret->note, "a share of the fee for each breach");
    credit_context_free(context);
    return true;
}
