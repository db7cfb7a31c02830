/* A credit that grows with how late the breaches of a month were; the rule is in README.md. Kind: credit. */
#include <string.h>

#include "credit.h"
#include "decimal.h"

static const decimal ZERO = {0, 0};
static const decimal ONE = {1, 0};

/* What the clause hands over. */
typedef struct {
    decimal weight, floor;
    credit_string_t currency;
} arguments;

static bool named(const klausel_plugin_types_argument_t *argument, const char *name) {
    return argument->name.len == strlen(name) && memcmp(argument->name.ptr, name, argument->name.len) == 0;
}

/* Reads an amount such as `50.00 EUR`. */
static bool read_money(credit_string_t text, decimal *amount, credit_string_t *currency) {
    uint8_t *blank = text.len == 0 ? NULL : memchr(text.ptr, ' ', text.len);
    if (blank == NULL) return false;
    size_t length = (size_t)(blank - text.ptr);
    *currency = (credit_string_t){blank + 1, text.len - length - 1};
    return decimal_read(text.ptr, length, amount);
}

/* Reads the arguments; returns what is wrong with them, or NULL. */
static const char *read_arguments(const klausel_plugin_types_list_argument_t *given, arguments *read) {
    bool has_weight = false, has_floor = false;
    for (size_t at = 0; at < given->len; at++) {
        const klausel_plugin_types_argument_t *argument = &given->ptr[at];
        if (named(argument, "weight")) {
            has_weight = decimal_read(argument->value.ptr, argument->value.len, &read->weight);
            if (!has_weight) return "the argument `weight` is no number";
        } else if (named(argument, "floor")) {
            has_floor = read_money(argument->value, &read->floor, &read->currency);
            if (!has_floor) return "the argument `floor` is no amount of money";
        }
    }
    if (!has_weight) return "the argument `weight` is missing";
    if (!has_floor) return "the argument `floor` is missing";
    return decimal_less(ZERO, read->weight) ? NULL : "the weight must be above zero";
}

static bool fee_of_period(const credit_context_t *context, decimal *fee) {
    *fee = ZERO;
    for (size_t at = 0; at < context->fees.len; at++) {
        klausel_plugin_types_decimal_t text = context->fees.ptr[at].amount.amount;
        decimal amount;
        if (!decimal_read(text.ptr, text.len, &amount) || !decimal_plus(*fee, amount, fee)) return false;
    }
    return true;
}

/* How late, as a part of the target: one where the whole target was missed again. */
static bool severity_of_month(const credit_context_t *context, decimal *severity) {
    *severity = ZERO;
    for (size_t at = 0; at < context->breaches.len; at++) {
        const klausel_plugin_types_breach_t *breach = &context->breaches.ptr[at];
        decimal one = ONE, late = {breach->late_ms, 0};
        if (breach->late_ms < breach->target_ms && !decimal_over(late, breach->target_ms, &one)) return false;
        if (!decimal_plus(*severity, one, severity)) return false;
    }
    return true;
}

/* The clocks counted; where the period tells of none, one for each breach. */
static __int128 clocks_of(const credit_context_t *context) {
    __int128 clocks = 0;
    if (context->period.is_some) clocks = (__int128)context->period.val.met + context->period.val.breached;
    return clocks == 0 ? (__int128)context->breaches.len : clocks;
}

/* The amount between its floor and a third of the fee, which comes last. */
static bool credit_of(decimal fee, decimal severity, __int128 clocks, const arguments *given, decimal *amount) {
    decimal third;
    if (!decimal_times(fee, given->weight, amount) || !decimal_times(*amount, severity, amount)) return false;
    if (!decimal_over(*amount, 3 * clocks, amount) || !decimal_over(fee, 3, &third)) return false;
    if (decimal_less(*amount, given->floor)) *amount = given->floor;
    if (decimal_less(third, *amount)) *amount = third;
    return true;
}

/* `severity 1.5 of 12 clocks` */
static void write_note(credit_string_t *note, decimal severity, __int128 clocks) {
    char text[3 * DECIMAL_TEXT] = "severity ";
    size_t length = strlen(text);
    length += decimal_write(severity, text + length);
    memcpy(text + length, " of ", 4);
    length += 4;
    length += decimal_write((decimal){clocks, 0}, text + length);
    memcpy(text + length, " clocks", 7);
    credit_string_dup_n(note, text, length + 7);
}

static bool fails(credit_string_t *error, const char *why) {
    credit_string_dup(error, why);
    return false;
}

bool exports_credit_assess(credit_context_t *context, credit_assessment_t *ret, credit_string_t *err) {
    arguments given;
    const char *wrong = read_arguments(&context->arguments, &given);
    if (wrong != NULL) return fails(err, wrong);
    decimal amount = ZERO, fee, severity;
    __int128 clocks = clocks_of(context);
    if (context->breaches.len == 0) {
        credit_string_dup(&ret->note, "no breach");
    } else {
        if (!fee_of_period(context, &fee) || !severity_of_month(context, &severity)
            || !credit_of(fee, severity, clocks, &given, &amount))
            return fails(err, "a figure is too large");
        write_note(&ret->note, severity, clocks);
    }
    char text[DECIMAL_TEXT];
    credit_string_dup_n(&ret->amount.amount, text, decimal_write(amount, text));
    credit_string_dup_n(&ret->amount.currency, (const char *)given.currency.ptr, given.currency.len);
    credit_context_free(context);
    return true;
}
