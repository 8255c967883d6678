/* quantity.h - text such as "400Gb/s" or "25ns" to integers, and back.
 *
 * Numbers are exact decimals: what is not a whole base unit is refused ("0.5ps"). b is bits
 * and B bytes; k (or K) M G T are powers of 1000, Ki Mi Gi Ti (bits and bytes only) powers of
 * 1024. No blank is needed between number and unit; one is allowed.
 */
#ifndef SIM_QUANTITY_H
#define SIM_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

enum sim_unit {
    SIM_COUNT,  /* bare integer */
    SIM_TIME,   /* ps:     "25ns" "1.5us" "2ms" "1s" "300ps" */
    SIM_RATE,   /* bits/s: "400Gb/s" "64GB/s" (bytes are times 8) */
    SIM_BYTES,  /* bytes:  "64KiB" "2MB" "128B", or a bare integer */
    SIM_HZ,     /* Hz:     "2.5GHz" "800MHz"; of cycles or transfers ("32GT/s") */
    SIM_PER_S,  /* 1/s:    "330M/s" "50k/s" (k and K alike), or a bare integer */
    SIM_POWER,  /* mW:     "1.5W" "300mW" "2kW" */
    SIM_ENERGY, /* fJ:     "20nJ" "15pJ" "1.5uJ" "2mJ"; 1 fJ is 1 mW for 1 ps */
    SIM_CYCLES, /* bare integer, cycles of the block's own clock */
    SIM_RATIO,  /* parts per million: JSON number 0.25 -> 250000 */
    SIM_BOOL,   /* true / false */
    SIM_ENUM,   /* one of the row's choices: index */
    SIM_STRING, /* text */
    SIM_JSON,   /* any JSON value, decoded by the owner of the row */
    SIM_UNITS
};

/* Parse text as a quantity of a numeric unit (SIM_COUNT .. SIM_RATIO; "0.25" is a ratio).
 * @return false when it is not one, with a reason and an example in why[size]: one line such
 * as `"400GB" is not a rate; write e.g. "400Gb/s"`. */
bool sim_quantity_parse(enum sim_unit unit, const char *text, int64_t *value, char *why,
                        unsigned long size);

/* Exact text that parses back to the same value (if >= 0), e.g. 2500000000 Hz -> "2.5GHz":
 * the shortest that is not below 1 of its unit; of equals, the one without a point. Rates
 * print in bits: "512Gb/s", not "64GB/s". @return buf. */
const char *sim_quantity_exact(enum sim_unit unit, int64_t value, char *buf,
                               unsigned long size);

/* Text for people: four significant digits (trailing zeros left out) and a fitting prefix,
 * "1.235 us". Counts and cycles from 1000 on: to the nearest whole one. NaN: "n/a".
 * @return buf. */
const char *sim_quantity_human(enum sim_unit unit, double value, char *buf, unsigned long size);

/* Name of a unit for help and docs ("time", "rate", ...; each reads well after "a"), and an
 * example of it, without quotes. */
const char *sim_unit_name(enum sim_unit unit);
const char *sim_unit_example(enum sim_unit unit);

/* Regular expression (ERE and ECMA alike) of what sim_quantity_parse takes as SIM_TIME ..
 * SIM_ENERGY, for JSON Schema; NULL for units that are not written as strings. */
const char *sim_unit_pattern(enum sim_unit unit);

#endif
