// Sorting and filtering of tables; without it the tables are read as they are.
for (const table of document.querySelectorAll("table[data-sort]")) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const said = document.createElement("p");
  said.className = "soft";
  said.setAttribute("role", "status");
  table.parentElement.before(said);

  const heads = [...table.tHead.rows[0].cells];
  const number = text => (/^[−+-]?[\d.]+/.test(text) ? parseFloat(text.replace("−", "-")) : NaN);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending" ||
        (!head.hasAttribute("aria-sort") && !head.classList.contains("text") && column > 0);
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keys = new Map(rows.map(row => {
        const text = row.cells[column].textContent.trim();
        return [row, [column && !head.classList.contains("text") ? number(text) : NaN, text]];
      }));
      const order = new Intl.Collator("en", {numeric: true}).compare;
      rows.sort((a, b) => {
        const [x, s] = keys.get(a), [y, t] = keys.get(b);
        if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
        return (isNaN(x) ? order(s, t) : x - y) * (down ? -1 : 1);
      });
      body.append(...rows);
    });
  });

  if (!table.dataset.filter) continue;
  const texts = new Map(rows.map(row => [row, row.textContent.toLowerCase()]));
  const tools = document.createElement("div");
  tools.className = "tools";
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "search";
  label.append(table.dataset.filter, document.createElement("br"), input);
  tools.append(label, said);
  table.parentElement.before(tools);
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !words.every(word => texts.get(row).includes(word));
      shown += !row.hidden;
    }
    said.textContent = `${shown} of ${rows.length} shown`;
  };
  input.addEventListener("input", show);
  show();
}
