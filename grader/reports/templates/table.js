// Sorting and filtering of tables; without it the tables are read as they are.
const MOST = 500;  // rows at a time: more are slow to lay out. The style hides the others until this runs.
for (const table of document.querySelectorAll("table[data-sort]")) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  let show = () => {};

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
      show();
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
  const said = document.createElement("p");
  said.className = "soft";
  said.setAttribute("role", "status");
  const all = document.createElement("button");
  all.type = "button";
  all.textContent = "Show all";
  tools.append(label, said, all);
  table.parentElement.before(tools);
  let most = MOST;
  show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let fitting = 0;
    for (const row of rows) {
      const fits = words.every(word => texts.get(row).includes(word));
      fitting += fits;
      row.hidden = !fits || fitting > most;
    }
    all.hidden = fitting <= most;
    said.textContent = `${Math.min(fitting, most)} of ${rows.length} shown`;
    table.classList.add("ready");
  };
  input.addEventListener("input", () => show());
  all.addEventListener("click", () => { most = Infinity; show(); });
  show();
}
