/* A figure that bands can test: `per month on by NAME()`. */
#include "decimal.h"
#include "measure.h"

/* The clocks breached in the period. */
bool exports_measure_value(measure_context_t *context, measure_decimal_t *ret, measure_string_t *err) {
    if (!context->period.is_some) {
        measure_string_dup(err, "the figure is one of a period");
        return false;
    }
    char text[DECIMAL_TEXT];
    decimal breached = {context->period.val.breached, 0};
    measure_string_dup_n(ret, text, decimal_write(breached, text));
    measure_context_free(context);
    return true;
}
