/*
 * A run as tables: a schema and rows that SQLite and PostgreSQL load, docs/sql.md.
 */
#ifndef ANALYZER_RENDER_EXPORT_SQL_H
#define ANALYZER_RENDER_EXPORT_SQL_H

#include "render/export/export.h"

extern const struct export_format export_sql;

#endif
