/* A priority from a ticket's fields: `priority by NAME()`. */
#include <string.h>

#include "classify.h"

static bool is(classify_string_t text, const char *word) {
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

/* One of the priorities that the agreement has targets for. */
bool exports_classify_classify(classify_ticket_t *ticket, classify_list_argument_t *arguments, classify_string_t *ret,
                               classify_string_t *err) {
    (void)arguments;
    (void)err; /* to say why there is no answer: `classify_string_dup(err, "…"); return false;` */
    bool high = false;
    for (size_t at = 0; at < ticket->fields.len; at++) {
        const klausel_plugin_types_field_t *field = &ticket->fields.ptr[at];
        if (is(field->name, "impact") && is(field->value, "high")) high = true;
    }
    classify_string_dup(ret, high ? "P1" : "P2");
    return true;
}
