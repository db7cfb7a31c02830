#include "decimal.h"

/* Digits that always fit into 128 bits. */
#define DIGITS 38

static bool times_power(__int128 units, unsigned exponent, __int128 *result) {
    for (; 0 < exponent; exponent--)
        if (__builtin_mul_overflow(units, (__int128)10, &units)) return false;
    *result = units;
    return true;
}

static decimal without_zeros(decimal number) {
    while (0 < number.places && number.units % 10 == 0) {
        number.units /= 10;
        number.places--;
    }
    return number;
}

bool decimal_read(const uint8_t *text, size_t length, decimal *result) {
    bool below = 0 < length && text[0] == '-', point = false;
    decimal number = {0, 0};
    unsigned digits = 0, whole = 0;
    for (size_t at = below; at < length; at++) {
        if (text[at] == '.' && !point && 0 < digits) {
            point = true;
            continue;
        }
        if (text[at] < '0' || '9' < text[at] || DIGITS < ++digits) return false;
        number.units = 10 * number.units + (text[at] - '0');
        if (point) number.places++;
        else whole++;
    }
    if (whole == 0) return false;
    if (below) number.units = -number.units;
    *result = without_zeros(number);
    return true;
}

size_t decimal_write(decimal number, char *text) {
    number = without_zeros(number);
    bool below = number.units < 0;
    unsigned __int128 left = below ? -(unsigned __int128)number.units : (unsigned __int128)number.units;
    char reversed[DECIMAL_TEXT];
    size_t length = 0, written = 0;
    for (unsigned place = 0; left != 0 || place <= number.places; place++) {
        if (place == number.places && 0 < place) reversed[length++] = '.';
        reversed[length++] = (char)('0' + (int)(left % 10));
        left /= 10;
    }
    if (below) text[written++] = '-';
    while (0 < length) text[written++] = reversed[--length];
    return written;
}

bool decimal_plus(decimal one, decimal two, decimal *result) {
    unsigned places = one.places < two.places ? two.places : one.places;
    __int128 a, b;
    if (!times_power(one.units, places - one.places, &a) || !times_power(two.units, places - two.places, &b))
        return false;
    result->places = places;
    return !__builtin_add_overflow(a, b, &result->units);
}

bool decimal_times(decimal one, decimal two, decimal *result) {
    result->places = one.places + two.places;
    return !__builtin_mul_overflow(one.units, two.units, &result->units);
}

bool decimal_over(decimal number, __int128 divisor, decimal *result) {
    __int128 units;
    if (divisor <= 0) return false;
    if (!times_power(number.units, number.places < PLACES ? PLACES - number.places : 0, &units)) return false;
    if (!times_power(divisor, PLACES < number.places ? number.places - PLACES : 0, &divisor)) return false;
    __int128 below = units / divisor, rest = units % divisor;
    if (rest < 0) {
        rest += divisor;
        below--;
    }
    /* The nearest whole number, the even one of two. */
    bool up = divisor - rest < rest || (divisor - rest == rest && below % 2 != 0);
    result->units = below + up;
    result->places = PLACES;
    return true;
}

/* The whole number below, and what is left of 10^-`places`. */
static void parts(decimal number, unsigned places, __int128 *whole, __int128 *part) {
    __int128 unit = 1;
    times_power(1, number.places, &unit);
    *whole = number.units / unit;
    *part = number.units % unit;
    if (*part < 0) {
        *part += unit;
        *whole -= 1;
    }
    times_power(*part, places - number.places, part);
}

bool decimal_less(decimal one, decimal two) {
    unsigned places = one.places < two.places ? two.places : one.places;
    __int128 whole, part, other_whole, other_part;
    parts(one, places, &whole, &part);
    parts(two, places, &other_whole, &other_part);
    return whole < other_whole || (whole == other_whole && part < other_part);
}
