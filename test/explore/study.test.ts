import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StudySamples } from '../../models/explore-samples.ts'
import { openStudy } from '../../models/explore-study.ts'
import { featureCount, type RecoilData, splitData } from '../../models/training/data.ts'
import { toyRecoils } from '../../models/training/toy.ts'
import { packageRoot } from '../../src/core/package-root.ts'
import { modulesBehind } from '../../src/explore/source-hash.ts'
import type { Study, StudyOptions } from '../../src/explore/study.ts'
import { importNetwork, readOnnx } from '../../src/network/index.ts'

let folder: string
let study: Study
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-study-'))
  for (const [at, name] of ['train', 'volume', 'z25'].entries()) write(name, toyRecoils(15_000, at + 1))
  study = openStudy({ quick: true, data: folder, drift: 'volume' })
})
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, { features, labels, keVee }: RecoilData): void {
  mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, name, 'features.i8'), features)
  writeFileSync(join(folder, name, 'labels.u8'), labels)
  writeFileSync(join(folder, name, 'kevee.f32'), keVee)
}

describe('the study of recoil classifiers', () => {
  it('trains networks of the asked widths, the same ones each time', () => {
    const settings = { kind: 'mlp', hidden: [8], weightBits: 4, activationBits: 4 } as const
    const onnx = study.train(settings)
    expect(study.train(settings)).toEqual(onnx)
    const { graph } = importNetwork(readOnnx(onnx))
    const dense = graph.values.flatMap(({ operation }) => (operation.kind === 'dense' ? [operation] : []))
    expect(dense.map(({ weights }) => weights.length)).toEqual([8 * featureCount, 24])
    for (const { weights } of dense) {
      const most = weights.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0)
      expect(most).toBeGreaterThan(0)
      expect(most).toBeLessThanOrEqual(7)
    }
    const { parameters, bins } = study.score(onnx)
    expect(parameters).toBe(72 + 24 + 8 + 3)
    expect(bins.map(({ lowKeVee, highKeVee }) => [lowKeVee, highKeVee])).toEqual([
      [6, 10],
      [10, 20],
      [20, 40],
    ])
    expect(bins[2]!.auc.value).toBeGreaterThan(0.9)
  })

  it('grows trees whose scores are exact', () => {
    const onnx = study.train({ kind: 'trees', trees: 6, depth: 2 })
    expect(importNetwork(readOnnx(onnx)).certificate.class).toBe('A')
    const { parameters, bins } = study.score(onnx)
    expect(parameters).toBeGreaterThan(6)
    expect(bins[1]!.auc.value).toBeGreaterThan(0.8)
  })

  it('knows itself by its data and by how much it trains', async () => {
    const basis = (options: Partial<StudyOptions>) =>
      openStudy({ quick: true, data: folder, drift: 'volume', ...options }).classifierBasis({})
    const [own, again, fixed, full] = await Promise.all(
      [{}, {}, { drift: 'fixed' } as const, { quick: false }].map(basis),
    )
    expect(again).toEqual(own)
    expect(new Set([own, fixed, full].map(({ identity }) => identity)).size).toBe(3)
    expect([own, full].map(({ facts }) => [facts['trained on clusters'], facts['epochs']])).toEqual([
      [1500, 12],
      [15_000, 60],
    ])
    // The clusters that the quick one takes, by more epochs.
    for (const [at, name] of ['train', 'volume'].entries())
      write(join('tenth', name), splitData(toyRecoils(15_000, at + 1), [0.1], 1)[0]!)
    const small = await basis({ quick: false, data: join(folder, 'tenth') })
    expect(small.facts['trained on clusters']).toBe(1500)
    expect(small.identity).not.toBe(own.identity)
  })

  it('stands on the modules that it uses, training not on the compiler', () => {
    const behind = (name: string) =>
      modulesBehind(new URL(`../../models/${name}.ts`, import.meta.url).href).map((path) =>
        relative(packageRoot, path),
      )
    const triggers = behind('explore-trigger')
    for (const path of ['models/data/band.ts', 'src/frame/pedestal-builder.ts', 'src/frame/robust.ts'])
      expect(triggers).toContain(path)
    const classifiers = behind('explore-classifiers')
    for (const path of ['models/training/train.ts', 'src/network/build-dense.ts', 'src/compare/roc.ts'])
      expect(classifiers).toContain(path)
    expect(classifiers.filter((path) => path.includes('network/unrolled'))).toEqual([])
    const { identity } = openStudy({ quick: false, data: null, drift: 'volume' }).triggerBasis()
    expect(study.triggerBasis().identity).not.toBe(identity)
  })

  it('reads no samples before they are needed, and refuses a folder without', async () => {
    const at = (data: string) => openStudy({ quick: true, data, drift: 'volume' })
    const missing = at(join(folder, 'train'))
    expect(missing.triggerBasis().facts).toHaveProperty(['seed of the camera of triggers'])
    await expect(missing.classifierBasis({})).rejects.toMatchObject({ code: 'GG_FILE_NOT_FOUND' })
    writeFileSync(join(folder, 'volume', 'labels.u8'), 'xyz')
    await expect(at(folder).classifierBasis({})).rejects.toMatchObject({ code: 'GG_FILE_CORRUPT' })
  })

  it('can be stopped while it simulates samples', async () => {
    const home = join(folder, 'home')
    const samples = new StudySamples({ quick: true, data: null, drift: 'volume' }, home)
    const abort = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => abort.abort(reason), 300)
    await expect(samples.make({ signal: abort.signal })).rejects.toBe(reason)
    expect(existsSync(home)).toBe(false)
    expect(() => samples.train).toThrow(expect.objectContaining({ code: 'GG_FILE_NOT_FOUND' }))
  })
})
