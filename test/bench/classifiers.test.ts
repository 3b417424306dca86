import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { requireClassifiers } from '../../bench/physics/classifiers.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-classifiers-'))
})
afterAll(() => rm(folder, { recursive: true }))

it('no classifier is left out in silence', () => {
  for (const name of ['recoil-mlp', 'recoil-trees', 'recoil-cnn']) {
    expect(() => requireClassifiers(folder)).toThrow(
      expect.objectContaining({
        code: 'GG_FILE_NOT_FOUND',
        message: expect.stringContaining(`${name}.onnx`),
      }),
    )
    for (const end of ['onnx', 'generated.json']) writeFileSync(join(folder, `${name}.${end}`), '')
  }
  expect(() => requireClassifiers(folder)).not.toThrow()
})
