/* A supplier's share of an amount: `recover by NAME(share: 80%)`. */
#include <string.h>

#include "decimal.h"
#include "margin.h"

static bool is(margin_string_t text, const char *word) {
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

static bool fails(margin_string_t *error, const char *why) {
    margin_string_dup(error, why);
    return false;
}

static bool share_of(const margin_context_t *context, decimal *share) {
    for (size_t at = 0; at < context->arguments.len; at++) {
        const klausel_plugin_types_argument_t *argument = &context->arguments.ptr[at];
        if (is(argument->name, "share")) return decimal_read(argument->value.ptr, argument->value.len, share);
    }
    return false;
}

/* The share of the credit, rounded half even to six decimals. */
bool exports_margin_share(margin_context_t *context, margin_money_t *credit, margin_assessment_t *ret, margin_string_t *err) {
    decimal share, amount;
    if (!share_of(context, &share)) return fails(err, "the argument `share` is missing or no number");
    if (!decimal_read(credit->amount.ptr, credit->amount.len, &amount) || !decimal_times(amount, share, &amount)
        || !decimal_over(amount, 1, &amount))
        return fails(err, "a figure is too large");
    char text[DECIMAL_TEXT];
    margin_string_dup_n(&ret->amount.amount, text, decimal_write(amount, text));
    margin_string_dup_n(&ret->amount.currency, (const char *)credit->currency.ptr, credit->currency.len);
    margin_string_dup(&ret->note, "the agreed share");
    margin_context_free(context);
    return true;
}
