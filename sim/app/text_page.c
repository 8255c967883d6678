/* text_page.c - what stands around a report that is a page of HTML. */
#include "text.h"

/* One file, without anything from elsewhere; light or dark as the reader's system is. */
static const char style_sheet[] =
    ":root{color-scheme:light dark;--ink:#1d2330;--paper:#fff;--faint:#5b6475;--line:#d9dde5;"
    "--bar:#cfe0f7;--hot:#f6c9c2;--wait:#e6a23c;--work:#3b7dd8}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e4e7ee;--paper:#14171d;--faint:#9aa3b5;"
    "--line:#333947;--bar:#28405f;--hot:#6b2f2a;--wait:#c98a2b;--work:#5b97e6}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
    "max-width:74rem;margin:2rem auto;padding:0 1.2rem}\n"
    "h1{font-size:1.5rem;margin:0 0 .6rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}\n"
    "p{margin:.3rem 0;color:var(--faint);overflow-wrap:anywhere}"
    "p.lead{color:var(--ink);font-size:1.05rem}\n"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;"
    "display:block;overflow-x:auto;margin:.4rem 0}\n"
    "th,td{padding:.18rem .7rem;text-align:left;white-space:nowrap;"
    "border-bottom:1px solid var(--line)}th{font-weight:600}\n"
    ".r,.b{text-align:right}.b{min-width:6rem}.over{--bar:var(--hot)}"
    ".b{background:linear-gradient(var(--bar),var(--bar)) left/var(--w) 100% no-repeat}\n"
    ".w{min-width:22rem;padding:0 .7rem}.w i,.w b{display:inline-block;height:.7em;"
    "min-width:1px}.w i{background:var(--wait)}.w b{background:var(--work)}\n";

void app_page_begin(struct app_text *t, const char *title) {
    app_put_raw(t, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    app_put(t, "%s", title);
    app_put_raw(t, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", style_sheet);
    app_put(t, "%s", title);
    app_put_raw(t, "</h1>\n");
}

void app_page_end(struct app_text *t) { app_put_raw(t, "</body>\n</html>\n"); }
