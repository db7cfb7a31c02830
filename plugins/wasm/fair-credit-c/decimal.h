/* Exact decimals: whole numbers with a count of decimals. No binary fractions.
 * Each function answers whether it could: a number that 128 bits do not hold is refused, never wrong. */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `units` of 10^-`places`. */
typedef struct {
    __int128 units;
    unsigned places;
} decimal;

/* The decimals to which figures are rounded. */
#define PLACES 6
/* Room for what decimal_write writes. */
#define DECIMAL_TEXT 48

/* Reads plain notation, such as 12500.00 or -0.5. */
bool decimal_read(const uint8_t *text, size_t length, decimal *result);
/* Writes plain notation without zeros at the end; returns its length. */
size_t decimal_write(decimal number, char *text);
bool decimal_plus(decimal one, decimal two, decimal *result);
bool decimal_times(decimal one, decimal two, decimal *result);
/* Divides by a whole number above zero, rounded half even to PLACES decimals. */
bool decimal_over(decimal number, __int128 divisor, decimal *result);
/* Whether one is less than two. Both were read or rounded: no more than 38 decimals. */
bool decimal_less(decimal one, decimal two);

#endif
