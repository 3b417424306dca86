import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildDenseOnnx } from '../../src/network/index.ts'
import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { recoilSpec } from './random-network.ts'

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
    expect((await loadRecoilClassifier(path)).network.layers).toHaveLength(3)
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
