import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClassifierPoint, Exploration } from '../../src/explore/exploration.ts'
import { type ExploreOptions, explore } from '../../src/explore/explore.ts'
import { classifierChoices, usualGrid } from '../../src/explore/grid.ts'
import { openStudy } from '../../src/explore/open-study.ts'
import { type Description, PointStore } from '../../src/explore/point-store.ts'
import { explorationPage } from '../../src/explore/report/write-exploration.ts'
import type { StudySource } from '../../src/explore/study.ts'
import { readOnnx } from '../../src/network/index.ts'

const source: StudySource = {
  module: new URL('./toy-study.ts', import.meta.url).href,
  options: { quick: false, data: null, drift: 'volume' },
}
const study = await openStudy(source)

/** Yosys takes seconds for each point: here it counted all of them before, and LUTs follow from the Verilog's hash. */
class CountedBefore extends PointStore {
  override read(description: Description): unknown {
    const verilog = description['synthesize']
    if (typeof verilog !== 'string') return super.read(description)
    return { luts: Number.parseInt(verilog.slice(0, 4), 16), ffs: 7, dsps: 0, brams: 0, lutRams: 1 }
  }
}

/** Four networks in two forms, one of them shipped, and trees that fail. */
const options: ExploreOptions = {
  classifiers: classifierChoices({
    ...usualGrid,
    hidden: [[1], [2]],
    bits: [
      [2, 2],
      [3, 2],
    ],
    networkHardware: [
      { architecture: 'unrolled', levels: 2 },
      { architecture: 'folded', reuse: null },
    ],
    forests: [[4, 2]],
  }),
  triggers: [
    { binning: 4, sigmaHigh: 5, pixels: 'likelihood' },
    { binning: 4, sigmaHigh: 7, pixels: 'likelihood' },
    { binning: 4, sigmaHigh: 8, pixels: 'likelihood' },
    { binning: 2, sigmaHigh: 7, pixels: 'likelihood' },
  ],
  family: 'ice40',
  mostSynthesized: 5,
  threads: 1,
}

let folder: string
let first: Exploration
const into = (name: string, more: Partial<ExploreOptions> = {}) =>
  explore(study, source, new CountedBefore(join(folder, name)), { ...options, ...more })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-explore-'))
  first = (await into('first')).exploration
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Names of the points that cost nowhere more and somewhere less than `own`. */
function dominating(points: readonly ClassifierPoint[], own: ClassifierPoint): string[] {
  const costs = ({ physics, estimate, synthesis }: ClassifierPoint): number[] => [
    ...physics!.bins.map(({ auc }) => -auc.value),
    synthesis!.luts + synthesis!.lutRams,
    synthesis!.dsps + synthesis!.brams,
    estimate!.clocks,
  ]
  const limit = costs(own)
  return points
    .filter(({ synthesis }) => synthesis !== null)
    .filter((point) => costs(point).every((cost, i) => cost <= limit[i]!))
    .filter((point) => costs(point).some((cost, i) => cost < limit[i]!))
    .map(({ name }) => name)
}

describe('an exploration', () => {
  it('holds every point, the shipped one first and synthesized', () => {
    const { points, trigger, shipped, synthesized, frontSize } = first
    expect(points.map(({ name }) => name).sort()).toEqual(
      ['[1] w2', '[1] w3', '[2] w2', '[2] w3']
        .flatMap((name) => {
          const [, hidden, bits] = /\[(\d)\] w(\d)/.exec(name)!
          return ['folded all', 'unrolled 2'].map((form) => `mlp ${hidden} w${bits} a2, ${form}`)
        })
        .concat('trees 4x2, unrolled 2')
        .sort(),
    )
    expect(points[0]).toMatchObject({ name: 'mlp 1 w2 a2, unrolled 2', shipped: 'toy-model' })
    expect(points[0]!.synthesis).not.toBeNull()
    expect(points.filter((point) => point.shipped !== null).length).toBe(1)
    expect(synthesized).toBeGreaterThan(1)
    expect(synthesized).toBeLessThanOrEqual(6)
    expect(points.filter(({ onFront }) => onFront).length).toBe(frontSize)
    expect(shipped).toEqual([
      { name: 'toy-model', onFront: points[0]!.onFront, dominatedBy: dominating(points, points[0]!) },
    ])
    expect(points.find(({ name }) => name.startsWith('trees'))!.failure!.code).toBe('GG_MODEL_UNSUPPORTED')
    expect(trigger.map(({ onFront }) => onFront)).toEqual([true, true, false, false])
    expect(trigger[3]!.failure!.code).toBe('GG_SETTINGS')
  })

  it('is the same with more threads, after an interruption, and with damaged results', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const stopped = into('second', {
      threads: 2,
      signal: abort.signal,
      onStep: (step, done) => {
        if (step === 'estimate' && done === 3) abort.abort(reason)
      },
    })
    await expect(stopped).rejects.toBe(reason)
    const kept = readdirSync(join(folder, 'second'))
    expect(kept.length).toBeGreaterThan(5)
    writeFileSync(join(folder, 'second', kept[2]!), '{')
    expect((await into('second', { threads: 2 })).exploration).toEqual(first)
  })

  it('does nothing twice', async () => {
    cpSync(join(folder, 'first'), join(folder, 'third'), { recursive: true })
    const before = readdirSync(join(folder, 'third'))
    const steps: string[] = []
    const { exploration, files } = await into('third', {
      onStep: (step, done, all) => steps.push(`${step} ${done}/${all}`),
    })
    expect(exploration).toEqual(first)
    expect(readdirSync(join(folder, 'third'))).toEqual(before)
    // What failed is tried again: the trees, and the trigger with too many macro-pixels.
    expect(steps).toEqual([
      'score 1/1',
      'train 3/4',
      'train 4/4',
      'estimate 8/8',
      `synthesize ${first.synthesized}/${first.synthesized}`,
      'trigger 3/4',
      'trigger 4/4',
    ])
    expect(files.length).toBe(first.frontSize)
    for (const { name, content } of files) expect([name, readOnnx(content).graph.name]).toEqual([name, 'toy'])
  })

  it('is a page without scripts, also with no points at all', async () => {
    const page = await explorationPage(first)
    expect(page).toContain('toy-model, which is shipped,')
    expect(page).toContain('too many macro-pixels')
    expect(page).toContain('<svg')
    expect(page).not.toMatch(/<script|undefined|NaN/)
    const empty = await explorationPage({ ...first, points: [], trigger: [], shipped: [] })
    expect(empty).not.toMatch(/<svg|undefined|NaN/)
  })
})

it('says what a missing study means', async () => {
  const module = new URL('./no-study.ts', import.meta.url).href
  await expect(openStudy({ ...source, module })).rejects.toMatchObject({ code: 'GG_DEVICE_UNAVAILABLE' })
})
