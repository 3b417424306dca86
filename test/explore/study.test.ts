import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStudy } from '../../models/explore-study.ts'
import { featureCount } from '../../models/training/data.ts'
import { toyRecoils } from '../../models/training/toy.ts'
import type { Study } from '../../src/explore/study.ts'
import { importNetwork, readOnnx } from '../../src/network/index.ts'

let folder: string
let study: Study
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-study-'))
  for (const [at, name] of ['train', 'volume', 'z25'].entries()) {
    const { features, labels, keVee } = toyRecoils(1500, at + 1)
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'features.i8'), features)
    writeFileSync(join(folder, name, 'labels.u8'), labels)
    writeFileSync(join(folder, name, 'kevee.f32'), keVee)
  }
  study = openStudy({ quick: true, data: folder, drift: 'volume' })
})
afterAll(() => rmSync(folder, { recursive: true }))

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

  it('knows itself by its data', () => {
    const { classifiers } = study.identity
    expect(openStudy({ quick: true, data: folder, drift: 'volume' }).identity.classifiers).toBe(classifiers)
    expect(openStudy({ quick: true, data: folder, drift: 'fixed' }).identity.classifiers).not.toBe(
      classifiers,
    )
  })

  it('refuses a folder without samples', () => {
    const open = () => openStudy({ quick: true, data: join(folder, 'train'), drift: 'volume' })
    expect(open).toThrow(expect.objectContaining({ code: 'GG_FILE_NOT_FOUND' }))
    writeFileSync(join(folder, 'volume', 'labels.u8'), 'xyz')
    const broken = () => openStudy({ quick: true, data: folder, drift: 'volume' })
    expect(broken).toThrow(expect.objectContaining({ code: 'GG_FILE_CORRUPT' }))
  })
})
