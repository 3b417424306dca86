import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { encodeNpyNumbers } from '../../src/frame/npy-array.ts'
import { decodeZip, encodeZip } from '../../src/frame/zip.ts'
import { type Finished, gemgate, start } from '../support/gemgate.ts'

const common = ['--geometry', 'test256', '--frames', '3', '--reference', '0', '--json']

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-compare-'))
})
afterAll(() => rm(folder, { recursive: true }))

function compare(devices: string, ...more: string[]): Promise<Finished> {
  return gemgate(folder, 'compare', ...common, '--devices', devices, '--out', 'out', ...more)
}

describe('gemgate compare with another machine', () => {
  it('exports clusters, takes their scores back, and explains what differs', async () => {
    const exported = await compare('model:', '--export', 'export')
    expect([exported.code, exported.stderr]).toEqual([0, expect.any(String)])
    const first = JSON.parse(exported.stdout)
    expect(first.export.clusters).toBeGreaterThan(1)
    expect(first.probed.map(({ address }: { address: string }) => address)).toEqual([
      'onnx:webgpu',
      'onnx:cuda',
    ])
    for (const { available, reason } of first.probed)
      expect(available ? reason === null : reason.length > 10).toBe(true)
    const [model] = first.devices
    expect(model.classifier.clustersPerSecond).toBeGreaterThan(0)
    expect(model.lastPixelToResult).toMatchObject({ clocks: null, p50Us: 1000 * model.latencyMs.p50 })
    expect(readFileSync(join(folder, 'export', 'README.md'), 'utf8')).toContain(
      'gemgate compare --source synthetic --frames 3 --seed 1 --geometry test256',
    )

    const clusters = decodeZip(readFileSync(join(folder, 'export', 'clusters.npz')), 'clusters.npz')
    const expected = clusters.get('expected.npy')!
    const scores = new Int16Array(expected.slice(-6 * first.export.clusters).buffer)
    const save = (values: Int16Array): void => {
      const kept = ['frame', 'cluster', 'check', 'model'].map(
        (name) => [`${name}.npy`, clusters.get(`${name}.npy`)!] as const,
      )
      const own = encodeNpyNumbers([values.length / 3, 3], values)
      writeFileSync(join(folder, 'scores.npz'), encodeZip([...kept, ['scores.npy', own]]))
    }
    save(scores.map((score, i) => score + (i === 0 ? 1 : i === 3 ? 20000 * -Math.sign(score) : 0)))
    // One frame less: scores that belong to none are told, the rest is compared all the same.
    const other = await compare('model:,scores:scores.npz', '--frames', '2')
    expect(other.code).toBe(1)
    const { disagreements, devices, onnx, errors, frames } = JSON.parse(other.stdout)
    expect([frames, errors]).toEqual([
      2,
      [
        expect.objectContaining({
          file: 'scores.npz',
          code: 'GG_SCORES',
          message: expect.stringContaining('no such frame came'),
        }),
      ],
    ])
    expect(onnx).toEqual({ comparedClusters: null, differingScores: null })
    expect(devices[1]).toMatchObject({ lastPixelToResult: null, classifier: null })
    expect(disagreements.map((d: { explanation: string }) => d.explanation)).toEqual([
      'rounding',
      'real difference',
    ])
    const report = readFileSync(join(folder, 'out', 'report.html'), 'utf8')
    expect(report).toContain('Where devices disagree')
    expect(report).toContain('(1 score differs in this cluster: rounding)')
  })

  it('after Ctrl-C tells how to compare the frames that were exported', async () => {
    const { child, finished } = start(folder, [
      ...['compare', ...common, '--frames', '100000', '--devices', 'model:'],
      ...['--export', 'part', '--out', 'part-out'],
    ])
    onTestFinished(() => void child.kill('SIGKILL'))
    const acquired = new Promise<void>((resolve) =>
      child.stderr!.on('data', (text: Buffer) => {
        if (/^compare \[/m.test(text.toString())) resolve()
      }),
    )
    await Promise.race([acquired, finished])
    child.kill('SIGINT')
    const { frames, interrupted } = JSON.parse((await finished).stdout)
    expect(interrupted).toBe(true)
    expect(readFileSync(join(folder, 'part', 'README.md'), 'utf8')).toContain(` --frames ${frames} `)
  })
})
