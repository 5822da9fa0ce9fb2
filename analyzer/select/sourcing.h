/*
 * Where else source files are looked for: --source-dir, which all commands that show source have in common.
 *
 * Must not: open anything.
 */
#ifndef ANALYZER_SELECT_SOURCING_H
#define ANALYZER_SELECT_SOURCING_H

#include "base/options.h"
#include "symbols/sources.h"

/* Its context is a struct sources. */
extern const struct option_group sourcing_options;

#endif
