/* test_registry.c - the table of models, and what every model's tables must have. */
#include "models/registry.h"
#include "tests/block_world.h"

START_TEST(in_order_and_found) {
    ck_assert_ptr_nonnull(model_table[0]);
    for (const struct sim_model *const *m = model_table; *m != NULL; m++) {
        ck_assert_ptr_eq(model_find((*m)->name), *m);
        ck_assert(m[1] == NULL || strcmp((*m)->name, m[1]->name) < 0);
        ck_assert_ptr_nonnull((*m)->doc);
        ck_assert_uint_ge((*m)->size, sizeof(struct sim_comp));
        ck_assert_ptr_nonnull((*m)->init);
        ck_assert_ptr_nonnull((*m)->serve);
    }
    ck_assert_ptr_null(model_find("no such model"));
}
END_TEST

/* A row has a doc, fits its struct, and its own bounds take its default. */
static void look_at(const char *model, const struct sim_field *row, size_t size) {
    struct sim_arena arena = {0};
    struct sim_err err = {0};
    struct sim_field table[2] = {*row};
    ck_assert_msg(row->doc && row->doc[0] && row->doc[strlen(row->doc) - 1] != '.',
                  "%s: doc of %s", model, row->name);
    ck_assert_msg(row->offset + sizeof(int64_t) <= size, "%s: %s", model, row->name);
    if (row->def != NULL) {
        json_t *nothing = json_object();
        ck_assert(sim_fields_read(table, nothing, sim_alloc(&arena, size), NULL,
                                  (struct sim_place){"", ""}, &arena, &err));
        json_decref(nothing);
    }
    sim_arena_free(&arena);
}

/* Every name in an operation's `params` is a parameter of its block. */
static void names_are_params(const struct sim_model *m, const char *params) {
    char text[512];
    ck_assert_uint_lt(strlen(params), sizeof text);
    strcpy(text, params);
    for (char *name = strtok(text, " "); name != NULL; name = strtok(NULL, " ")) {
        const struct sim_field *f = m->params;
        while (f->name != NULL && strcmp(f->name, name) != 0)
            f++;
        ck_assert_msg(f->name != NULL, "%s: an operation names %s, no parameter", m->name,
                      name);
    }
}

START_TEST(tables_are_sound) {
    for (const struct sim_model *const *m = model_table; *m != NULL; m++) {
        for (const struct sim_field *f = (*m)->params; f && f->name; f++)
            look_at((*m)->name, f, (*m)->size);
        for (const struct sim_field *f = (*m)->stats; f && f->name; f++)
            look_at((*m)->name, f, (*m)->size);
        for (const struct sim_op *op = (*m)->ops; op && op->name; op++) {
            ck_assert_ptr_nonnull(op->doc);
            if (op->params != NULL)
                names_are_params(*m, op->params);
            for (const struct sim_field *f = op->fields; f && f->name; f++)
                look_at(op->name, f, op->size);
        }
        int verdicts = 0;
        for (const struct sim_verdict *v = (*m)->verdicts; v && v->name; v++, verdicts++)
            ck_assert(strcmp(v->otherwise, "next") == 0 || strcmp(v->otherwise, "drop") == 0);
        ck_assert_int_lt(verdicts, SIM_VERDICTS);
    }
}
END_TEST

TEST_MAIN("registry", in_order_and_found, tables_are_sound)
