/** Text that is HTML already. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Value = Html | string | number | readonly Html[] | null | undefined | false

/** HTML with every interpolated string escaped; `null`, `undefined` and `false` leave nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, i) => (i === 0 ? '' : toText(values[i - 1]!)) + part).join(''))
}

function toText(value: Value): string {
  if (value === null || value === undefined || value === false) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return escapeHtml(value)
  return value.map((part) => part.text).join('\n')
}

/** Safe in text and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** A table; the cells of `right` columns are numbers and stand right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | Html)[])[],
  right: readonly number[] = [],
): Html {
  const side = (i: number): Html | false => right.includes(i) && new Html(' class="number"')
  return html`<div class="scroll"><table>
<thead><tr>${head.map((h, i) => html`<th scope="col"${side(i)}>${h}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map((cell, i) => html`<td${side(i)}>${cell}</td>`)}</tr>`)}
</tbody>
</table></div>`
}
