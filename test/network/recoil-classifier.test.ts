import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  buildDenseModel,
  buildDenseOnnx,
  importNetwork,
  readOnnx,
  writeOnnx,
} from '../../src/network/index.ts'
import { packTensor } from '../../src/network/onnx/onnx-tensor.ts'
import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { evaluateRows } from './evaluate-rows.ts'
import { randomInputs, recoilSpec } from './random-network.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-model-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('loadRecoilClassifier', () => {
  const spec = recoilSpec(3)
  const [first, second, last] = spec.layers as [
    (typeof spec.layers)[0],
    (typeof spec.layers)[0],
    (typeof spec.layers)[0],
  ]

  it('takes nine int8 features to three int16 scores', async () => {
    const path = join(folder, 'good.onnx')
    writeFileSync(path, buildDenseOnnx(spec))
    const { classify, certificate, onnx } = await loadRecoilClassifier(path)
    expect([certificate.oracle, certificate.class]).toEqual(['qdq-float', 'A'])
    const x = randomInputs(spec, 200, 1) as Int8Array
    const scores = new Int16Array(600)
    for (let row = 0; row < 200; row++)
      classify(x.subarray(9 * row, 9 * row + 9), scores.subarray(3 * row, 3 * row + 3))
    expect([...scores]).toEqual([...evaluateRows(importNetwork(readOnnx(onnx)).graph, x, 200)])
    expect(new Set(scores).size).toBeGreaterThan(100)
  })

  it('refuses scales that leave float32 to round, and sums beyond 2^24', async () => {
    const path = join(folder, 'rounded.onnx')
    const model = buildDenseModel(spec)
    const initializers = model.graph.initializers.map((tensor) =>
      tensor.name === 'layer1.scale' ? packTensor(tensor.name, [], Float32Array.of(0.1)) : tensor,
    )
    writeFileSync(path, writeOnnx({ ...model, graph: { ...model.graph, initializers } }))
    await expect(loadRecoilClassifier(path)).rejects.toMatchObject({ code: 'GG_MODEL_INEXACT' })
    const bias = new Int32Array(7).fill(2 ** 24)
    writeFileSync(path, buildDenseOnnx({ ...spec, layers: [first, { ...second, bias }, last] }))
    await expect(loadRecoilClassifier(path)).rejects.toMatchObject({ code: 'GG_MODEL_INEXACT' })
  })

  it.each([
    ['unsigned features', { ...spec, inputType: 'uint8' as const }],
    ['unsigned scores', { ...spec, layers: [first, second, { ...last, outputType: 'uint16' as const }] }],
    ['short scores', { ...spec, layers: [first, second, { ...last, outputType: 'int8' as const }] }],
    ['ten outputs', { ...spec, layers: [first] }],
  ])('refuses %s', async (_name, other) => {
    const path = join(folder, 'other.onnx')
    writeFileSync(path, buildDenseOnnx(other))
    await expect(loadRecoilClassifier(path)).rejects.toMatchObject({
      code: 'GG_MODEL_UNSUPPORTED',
      file: path,
    })
  })

  it('says which file is missing', async () => {
    await expect(loadRecoilClassifier(join(folder, 'nothing'))).rejects.toMatchObject({
      code: 'GG_FILE_NOT_FOUND',
    })
  })
})
