"""One self-contained HTML page: the frame that every page of ours stands in.

```python
from transire.review.page import Section, page, table, tag

text = page(
    title="Egress report",
    summary=tag("p", "as of 2026-11-23"),
    sections=(Section(id="teams", title="Teams", body=table(("team",), [("payments",)])),),
    data={"teams": ["payments"]},
    style=".mine { color: var(--ink) }",
    script="const known = pageData();",
)
```

The page loads nothing over a network: style and script stand in it, its policy allows these two
by digest and nothing else, and its data is inert JSON. Strings become HTML through `tag` alone,
which escapes them, and in the browser through `element` of `page.js`, which makes text nodes.

What `page.css` and `page.js` offer to a page's own style and script is described at their heads.
"""

from transire.review.page.frame import Section, page
from transire.review.page.markup import Child, Markup, joined, shown, tag
from transire.review.page.parts import (
    csv_button,
    field,
    figures,
    foldable,
    more,
    options,
    ordered,
    origin_line,
    table,
)

__all__ = [
    "Child",
    "Markup",
    "Section",
    "csv_button",
    "field",
    "figures",
    "foldable",
    "joined",
    "more",
    "options",
    "ordered",
    "origin_line",
    "page",
    "shown",
    "table",
    "tag",
]
