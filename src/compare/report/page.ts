import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFailure } from '../../core/write-failure.ts'
import { Html, html } from './html.ts'
import type { Fact } from './report-data.ts'
import { css } from './style.ts'

/** A whole document: nothing in it is fetched from anywhere, and nothing runs. */
export function page(title: string, body: readonly Html[]): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="gemgate">
<title>${title}</title>
<style>${new Html(css)}</style>
</head>
<body>
${body}
</body>
</html>
`.text
}

/** A number that a reader looks for first. */
export function tile(name: string, value: string, note: string, tone: '' | 'good' | 'bad' = ''): Html {
  return html`<div class="tile"><span>${name}</span><strong class="${tone}">${value}</strong><small>${note}</small></div>`
}

export function section(title: string, ...content: readonly (Html | null)[]): Html {
  return html`<section>
<h2>${title}</h2>
${content.filter((part) => part !== null)}
</section>`
}

export function factTable(facts: readonly Fact[]): Html {
  return html`<div class="scroll"><table><tbody>
${facts.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}
</tbody></table></div>`
}

/** Writes a document into `folder`, which is made where it is missing. Throws GG_OUTPUT. */
export async function writePage(folder: string, text: string, name = 'report.html'): Promise<string> {
  const path = join(folder, name)
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(path, text)
  } catch (error) {
    throw writeFailure(path, error)
  }
  return path
}
