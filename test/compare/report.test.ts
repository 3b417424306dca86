import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ComparisonCollector } from '../../src/compare/collector.ts'
import { html, table } from '../../src/compare/report/html.ts'
import { placeLabels } from '../../src/compare/report/labels.ts'
import { writeReport } from '../../src/compare/report/report.ts'
import { RunSummary } from '../../src/compare/run-summary.ts'
import { decodePng } from '../../src/frame/index.ts'
import { comparison, simulate } from './simulated.ts'

const empty = new Set(['meta', 'br', 'image', 'rect', 'path', 'line', 'use', 'circle'])

/** Throws unless every tag is closed in order; `image` and friends may close themselves. */
function checkBalance(text: string): void {
  const open: string[] = []
  const withoutStyle = text.replace(/<style>.*?<\/style>/s, '')
  for (const [whole, close, name, rest] of withoutStyle.matchAll(
    /<(\/?)([a-z][\w-]*)((?:"[^"]*"|[^">])*)>/gi,
  )) {
    if (close === '/') expect(open.pop(), whole).toBe(name)
    else if (!rest!.endsWith('/') && !(empty.has(name!) && !withoutStyle.includes(`</${name}>`)))
      open.push(name!)
  }
  expect(open).toEqual([])
}

function checkSelfContained(text: string): void {
  checkBalance(text)
  expect(text).not.toMatch(/https?:|<script|<link|@import|url\((?!#)/)
  for (const [, target] of text.matchAll(/(?:href|src)="([^"]*)"/g))
    expect(target!.slice(0, 22)).toBe('data:image/png;base64,')
  const ids = [...text.matchAll(/ id="([^"]*)"/g)].map((m) => m[1])
  expect(new Set(ids).size).toBe(ids.length)
}

function pictures(text: string): Buffer[] {
  return [...text.matchAll(/data:image\/png;base64,([^"]*)/g)].map((m) => Buffer.from(m[1]!, 'base64'))
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gemgate-report-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('writeReport', () => {
  it('writes one self-contained document with pictures, charts and disagreements', async () => {
    const { report } = comparison('A <b>comparison</b> & more')
    const path = await writeReport(join(folder, 'new', 'compare'), report)
    const text = await readFile(path, 'utf8')
    checkSelfContained(text)
    expect(text).toContain('<h1>A &lt;b&gt;comparison&lt;/b&gt; &amp; more</h1>')
    expect(text).toContain('1 differing byte<')
    expect(text).toContain('frame 2, cluster 0, sum:')
    expect(text).toContain('11 &amp; &quot;more&quot;')
    expect(text.match(/class="chart"/g)).toHaveLength(4)
    expect(text).toMatch(/Merged deposits: \d+ of these/)
    expect(text).toContain('light inside regions')
    expect(text).not.toContain('deposits found')
    expect(text).toContain('no energy scale was given')
    expect(text).toMatch(/93\.0 ± 0\.2 %.*arXiv 2512\.24290.*not directly comparable/)
    const images = pictures(text)
    expect(images).toHaveLength(report.frames.length + report.crops.length)
    for (const image of images) expect(decodePng(image, 'inline').pixels.length).toBeGreaterThan(1000)
    expect((await stat(path)).size).toBeLessThan(6e6)
    // The same data gives the same document.
    expect(await readFile(await writeReport(join(folder, 'again'), report), 'utf8')).toBe(text)
  })

  it('says what is missing when nothing was compared', async () => {
    const { report } = new ComparisonCollector([{ address: 'model:', description: '' }]).finish()
    const text = await readFile(await writeReport(join(folder, 'nothing'), report), 'utf8')
    checkSelfContained(text)
    expect(text).toContain('Only one device took part')
    expect(text).not.toMatch(/NaN|Infinity|undefined|null/)
  })

  it('throws GG_OUTPUT with the path', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    const { report } = new ComparisonCollector([]).finish()
    await expect(writeReport(file, report)).rejects.toMatchObject({
      code: 'GG_OUTPUT',
      file: join(file, 'report.html'),
    })
  })
})

describe('RunSummary.writeReport', () => {
  const facts = {
    ...{ title: 'Run 1', source: 'synthetic', board: 'emulated', conditions: 'pedestal', version: '0.1.0' },
    created: new Date(0),
  }

  it('has the same look, with and without truth', async () => {
    const [withTruth, without] = [new RunSummary('model:'), new RunSummary('model:')]
    for (const { frame, record, pedestal } of simulate(3)) {
      withTruth.frame(frame, record, pedestal)
      const { truth, ...blind } = frame
      without.frame(blind, record)
      expect(truth).toBeDefined()
    }
    const text = await readFile(await withTruth.writeReport(join(folder, 'run'), facts), 'utf8')
    checkSelfContained(text)
    expect(text).toMatch(/<span>Classified as nuclear<\/span><strong class="">\d+ clusters?</)
    expect(text).not.toMatch(/Taken for|something else/)
    expect(text).toContain('Below about 10 keVee the winning class is arbitrary')
    expect(text).toContain('The tile-deviation trigger was off')
    const blindText = await readFile(await without.writeReport(join(folder, 'blind'), facts), 'utf8')
    checkSelfContained(blindText)
    expect(blindText).toContain('needs simulated frames with truth')
    expect(blindText).not.toMatch(/truth:/)
  })

  it('gives energies only where the caller knows the light per energy', async () => {
    const write = async (name: string, summary: RunSummary, withTruth: boolean): Promise<string> => {
      for (const { frame, record, pedestal } of simulate(3)) {
        const { truth: _, ...blind } = frame
        summary.frame(withTruth ? frame : blind, record, pedestal)
      }
      return readFile(await summary.writeReport(join(folder, name), facts), 'utf8')
    }
    const light = await write('light', new RunSummary('model:'), false)
    expect(light).toMatch(/<text [^>]*>(NR|ER|other) [\d.]+ k?ADU<\/text>/)
    expect(light).toContain('<th scope="row">light on pictures</th>')
    // Nothing but the warning about the classes speaks of energies.
    expect(light.replace(/base64,[^"]*/g, '').replaceAll('about 10 keVee', '')).not.toMatch(/[kM]eV/)
    const energy = await write('energy', new RunSummary('model:', { aduPerKeVee: 1760 }), false)
    expect(energy).toMatch(/<text [^>]*>(NR|ER|other) [\d.]+ keV<\/text>/)
    expect(energy).toMatch(/<b>(NR|ER|other), about [\d.]+ keV<\/b>/)
    expect(energy).not.toMatch(/\d k?ADU<\/(text|b)>/)
    expect(energy).toMatch(/uncorrected for vignetting, saturation, gain/)
    expect(energy).toContain('cluster sum over 1760 ADU per keVee')
  })
})

describe('placeLabels', () => {
  it('never lets labels overlap or leave the picture', () => {
    const box = fc.record({
      ...{ x: fc.integer({ min: -20, max: 290 }), y: fc.integer({ min: -20, max: 290 }) },
      ...{ width: fc.integer({ min: 4, max: 60 }), height: fc.integer({ min: 4, max: 60 }) },
      text: fc.constantFrom('NR 5.3 keV', 'ER 0.4 keV', 'other 5.5 MeV'),
    })
    fc.assert(
      fc.property(fc.array(box, { maxLength: 20 }), (boxes) => {
        const places = placeLabels(boxes, { width: 300, height: 300 }, 10).filter((p) => p !== null)
        const areas = places.map((p) => ({ x: p.x, right: p.x + 5.8 * p.text.length, base: p.y }))
        areas.forEach((a, i) => {
          expect(a.x).toBeGreaterThanOrEqual(0)
          expect(a.right).toBeLessThanOrEqual(300.001)
          for (const b of areas.slice(i + 1))
            expect(Math.abs(a.base - b.base) >= 11 - 1e-9 || a.x >= b.right || b.x >= a.right).toBe(true)
        })
      }),
      { seed: 3 },
    )
  })
})

describe('html', () => {
  it('escapes everything but HTML', () => {
    const inner = html`<b>${'<&"\''}</b>`
    expect(html`<p title="${'a"b'}">${inner}${null}${false}${[inner]}</p>`.text).toBe(
      '<p title="a&quot;b"><b>&lt;&amp;&quot;&#39;</b><b>&lt;&amp;&quot;&#39;</b></p>',
    )
    expect(table(['<'], [['>']]).text).toContain('<td>&gt;</td>')
  })
})
