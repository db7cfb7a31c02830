/* Whether a state is a pause: `pauses while NAME()`. */
#include <string.h>

#include "pause.h"

static bool is(pause_string_t text, const char *word) {
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

/* Whether the ticket waits. */
bool exports_pause_paused(pause_ticket_t *ticket, pause_list_argument_t *arguments, bool *ret, pause_string_t *err) {
    (void)arguments;
    (void)err; /* to say why there is no answer: `pause_string_dup(err, "…"); return false;` */
    *ret = false;
    for (size_t at = 0; at < ticket->fields.len; at++) {
        const klausel_plugin_types_field_t *field = &ticket->fields.ptr[at];
        if (is(field->name, "status") && is(field->value, "waiting")) *ret = true;
    }
    return true;
}
