import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClusterExport } from '../../src/device/cluster-export.ts'
import { readScores } from '../../src/device/scores-file.ts'
import { decodeNpyArray, encodeNpyNumbers } from '../../src/frame/npy-array.ts'
import { decodeZip } from '../../src/frame/zip.ts'
import { loadOnnxRuntime, openOnnxSession } from '../../src/network/onnx/onnx-session.ts'
import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { makeRecord } from '../compare/make.ts'

const numpy = spawnSync('python3', ['-c', 'import numpy']).status === 0
if (!numpy) process.stderr.write('SKIPPED the exported script: python3 with numpy is not installed\n')
const runtime = await loadOnnxRuntime().then(
  () => true,
  () => false,
)

/** Stands in for onnxruntime in Python: gives the scores that our session computed, for the same features. */
const standIn = `import numpy as np
class GraphOptimizationLevel: ORT_DISABLE_ALL = 0
class SessionOptions: pass
class Input: name = "features"
class InferenceSession:
    def __init__(self, path, options, providers): assert open(path, "rb").read(1) == b"\\x08"
    def get_providers(self): return ["CPUExecutionProvider"]
    def get_inputs(self): return [Input()]
    def run(self, outputs, feeds):
        assert feeds["features"].dtype == np.int8 and feeds["features"].shape == (3, 9)
        return [np.load("made.npy")]
`

let folder: string
const { onnx } = await loadRecoilClassifier()
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-export-'))
  const clusters = new ClusterExport()
  clusters.add(makeRecord([{ box: [1, 2, 3, 4] }, { box: [5, 6, 7, 8], scores: [5, -6, 7] }], { frame: 3 }))
  clusters.add(makeRecord([], { frame: 4 }))
  clusters.add(makeRecord([{ box: [1, 2, 3, 4] }], { frame: 70000 }))
  expect(clusters.count).toBe(3)
  await clusters.write(folder, { model: onnx, reference: 'model:', command: 'gemgate compare <...>' })
})
afterAll(() => rm(folder, { recursive: true }))

const members = () => decodeZip(readFileSync(join(folder, 'clusters.npz')), 'clusters.npz')
const array = (name: string) => decodeNpyArray(members().get(`${name}.npy`)!, name)

describe('ClusterExport', () => {
  it('writes one row per cluster, the network and what to do', () => {
    expect([...array('frame').data]).toEqual([3, 3, 70000])
    expect([...array('cluster').data]).toEqual([0, 1, 0])
    expect(array('features').shape).toEqual([3, 9])
    expect([...array('expected').data].slice(3, 6)).toEqual([5, -6, 7])
    expect(array('model').shape).toEqual([32])
    expect(readFileSync(join(folder, 'model.onnx')).equals(onnx)).toBe(true)
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain('gemgate compare <...>')
  })

  it('says when the folder cannot be written', async () => {
    await expect(
      new ClusterExport().write(join(folder, 'model.onnx'), { model: onnx, reference: '', command: '' }),
    ).rejects.toMatchObject({ code: 'GG_OUTPUT' })
  })

  it.skipIf(!numpy || !runtime)('is scored by its script, and the scores come back', async () => {
    await using session = await openOnnxSession(onnx)
    const features = Int8Array.from(array('features').data)
    const scores = Int16Array.from(await session.run(features, 3))
    writeFileSync(join(folder, 'made.npy'), encodeNpyNumbers([3, 3], scores))
    writeFileSync(join(folder, 'onnxruntime.py'), standIn)
    const python = (...providers: string[]) =>
      spawnSync('python3', ['classify.py', ...providers], { cwd: folder, encoding: 'utf8' })
    const missing = python('CUDAExecutionProvider')
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('is not here')])
    const { status, stdout, stderr } = python()
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^3 clusters in [\d.]+ ms, \d+ scores differ/)
    const { rows, model } = await readScores(join(folder, 'scores.npz'))
    expect(model).toBe(Buffer.from(array('model').data).toString('hex'))
    expect(rows.map(({ frame, cluster, check }) => [frame, cluster, check])).toEqual(
      rows.map((_, i) => [array('frame').data[i], array('cluster').data[i], array('check').data[i]]),
    )
    expect(rows.flatMap((row) => row.scores)).toEqual([...scores])
  })
})
