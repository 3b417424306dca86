import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Frame } from '../../src/frame/frame.ts'
import { encodeNpy } from '../../src/frame/npy.ts'
import { loadOnnxRuntime } from '../../src/network/onnx/onnx-session.ts'
import { gemgate, start } from '../support/gemgate.ts'

const onnxRuntime = await loadOnnxRuntime().then(
  () => true,
  () => false,
)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-cli-'))
})
afterAll(() => rm(folder, { recursive: true }))

const small = ['--geometry', 'test256', '--seed', '3']

describe('gemgate', () => {
  it('ends with 2 and a code for wrong usage', async () => {
    for (const args of [
      ['nothing'],
      ['run', '--frames', 'many'],
      ['run', '--geometry', 'small'],
      ['generate'],
      ['compare', '--devices', 'model:,model:'],
      ['run', '--sigma-low', '9', '--sigma-high', '3'],
      ['bench', 'nothing'],
    ]) {
      const { code, stderr } = await gemgate(folder, ...args)
      expect([args, code]).toEqual([args, 2])
      expect(stderr).toContain('GG_USAGE')
    }
  })

  it('ends with 1, code and remedy for what fails, as JSON too', async () => {
    const { code, stdout, stderr } = await gemgate(folder, 'run', '--source', 'missing', '--json')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^GG_FILE_NOT_FOUND: .*missing/m)
    const { error } = JSON.parse(stdout)
    expect(error.code).toBe('GG_FILE_NOT_FOUND')
    expect(error.remedy.length).toBeGreaterThan(0)
    expect(error.file).toBe('missing')
    const usage = await gemgate(folder, 'run', '--frames', '-3', '--json')
    expect([usage.code, JSON.parse(usage.stdout).error.code]).toEqual([2, 'GG_USAGE'])
    const wrong = await gemgate(folder, 'run', '--board', 'serial:/dev/ttyUSB1')
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('GG_BOARD_UNAVAILABLE')])
  })
})

describe('gemgate generate and run', () => {
  it('makes a data set and finds its recoils again, with truth', async () => {
    const data = join(folder, 'data')
    const made = await gemgate(folder, 'generate', '--out', data, '--frames', '4', '--json', ...small)
    expect(made.code).toBe(0)
    expect(JSON.parse(made.stdout)).toMatchObject({ frames: 4, seed: 3, geometry: 'test256', out: data })
    expect(readdirSync(data).sort()).toEqual([
      'dark',
      'dataset.json',
      'frames.h5',
      'pedestal.npz',
      'truth.jsonl',
    ])

    writeFileSync(join(data, 'broken.png'), readFileSync(join(data, 'frames.h5')).subarray(0, 100))
    writeFileSync(join(data, 'zz.npy'), '\x93NUMPY broken', 'latin1')
    const out = join(folder, 'run')
    const ran = await gemgate(folder, 'run', '--source', data, '--out', out, '--json')
    expect([ran.stderr, ran.code]).toEqual([expect.any(String), 0])
    const result = JSON.parse(ran.stdout)
    expect(result).toMatchObject({ frames: 4, out, interrupted: false })
    expect(result.clusters).toBeGreaterThan(0)
    expect(result.recoils.nuclear + result.recoils.electron + result.recoils.other).toBe(result.clusters)
    expect(result.signalKept).toBeGreaterThan(0.8)
    expect(result.areaDiscarded).toBeGreaterThan(0.5)
    expect(result.liveTimeFraction).toBeGreaterThan(0.5)
    expect(result.liveTimeFraction).toBeLessThanOrEqual(1)
    expect(result.errors.map((error: { file: string; code: string }) => [error.file, error.code])).toEqual([
      [join(data, 'broken.png'), expect.stringMatching(/^GG_FILE/)],
      [join(data, 'zz.npy'), expect.stringMatching(/^GG_FILE/)],
    ])

    const journal = readFileSync(join(out, 'events.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l))
    expect(journal.map((event) => event.frame)).toEqual([0, 1, 2, 3])
    const clusters = journal.flatMap((event) => event.clusters)
    expect(clusters).toHaveLength(result.clusters)
    for (const cluster of clusters) expect(existsSync(join(out, cluster.roi))).toBe(true)
    expect(readdirSync(join(out, 'rois'))).toHaveLength(result.clusters)
    const run = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))
    expect(run).toMatchObject({ state: 'done', frames: 4, clusters: result.clusters })
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('</html>')

    const again = await gemgate(folder, 'run', '--source', data, '--out', out)
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('GG_RUN_FOLDER')])
  })

  it('gives the same journal on the emulated FPGA and on the simulated Verilog', async () => {
    const journals: string[] = []
    for (const board of ['model:', 'sim:']) {
      const out = join(folder, `run-${board.slice(0, -1)}`)
      const { code } = await gemgate(folder, 'run', '--board', board, '--frames', '3', '--out', out, ...small)
      expect(code).toBe(0)
      journals.push(readFileSync(join(out, 'events.jsonl'), 'utf8'))
    }
    expect(journals[0]).toBe(journals[1])
    expect(journals[0]!.trim().split('\n')).toHaveLength(3)
  })

  it('ends in order after Ctrl-C, with everything written that was acquired', async () => {
    const out = join(folder, 'interrupted')
    const { child, finished } = start(folder, ['run', '--frames', '100000', '--out', out, '--json', ...small])
    const journal = join(out, 'events.jsonl')
    while (child.exitCode === null && !(existsSync(journal) && readFileSync(journal).length > 1000))
      await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGINT')
    const { code, stdout } = await finished
    expect(code).toBe(0)
    const result = JSON.parse(stdout)
    expect(result.interrupted).toBe(true)
    expect(readFileSync(journal, 'utf8').trim().split('\n')).toHaveLength(result.frames)
    expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')).state).toBe('interrupted')
  })
})

describe('gemgate that cannot do its work', () => {
  it('leaves nothing behind, and fails when no frame could be processed', async () => {
    const bad = join(folder, 'bad')
    mkdirSync(bad)
    writeFileSync(join(bad, 'a.npy'), '\x93NUMPY broken', 'latin1')
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    const out = join(folder, 'never')
    expect((await gemgate(folder, 'run', '--source', empty, '--out', out)).code).toBe(1)
    expect(existsSync(out)).toBe(false)
    expect((await gemgate(folder, 'run', '--source', bad, '--out', out)).code).toBe(1)
    const compared = await gemgate(folder, 'compare', '--devices', 'model:', '--source', bad, '--json')
    expect(compared.code).toBe(1)
    expect(JSON.parse(compared.stdout).errors[0]).toMatchObject({ code: expect.stringMatching(/^GG_FILE/) })
    const self = await gemgate(folder, 'run', '--source', bad, '--out', bad)
    expect([self.code, self.stderr]).toEqual([2, expect.stringContaining('GG_USAGE')])
  })

  it('refuses a pedestal of another run, and frames that are too large, by name', async () => {
    const other = join(folder, 'other')
    await gemgate(folder, 'generate', '--out', other, '--frames', '1', ...small)
    const frame: Frame = {
      pixels: new Uint16Array(256 * 256).fill(900),
      width: 256,
      height: 256,
      bitDepth: 16,
      pixelOrder: 'row-major',
      time: 0,
      exposure: 0,
      number: 0,
      source: 'shifted',
    }
    await rm(join(other, 'frames.h5'))
    writeFileSync(join(other, 'shifted.npy'), encodeNpy(frame))
    const wide = { ...frame, pixels: new Uint16Array(5000 * 20).fill(100), width: 5000, height: 20 }
    writeFileSync(join(other, 'wide.npy'), encodeNpy(wide))
    const { code, stdout } = await gemgate(folder, 'run', '--source', other, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout).errors.map((error: { code: string }) => error.code)).toEqual([
      'GG_PEDESTAL',
      'GG_FRAME_GEOMETRY',
    ])
  })

  it('goes on when nobody listens any more', async () => {
    const out = join(folder, 'deaf')
    const { child, finished } = start(folder, ['run', '--frames', '6', '--out', out, ...small])
    child.stdout!.destroy()
    child.stderr!.destroy()
    expect((await finished).code).toBe(0)
    expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).toMatchObject({
      state: 'done',
      frames: 6,
    })
  })
})

describe('gemgate compare', () => {
  it('finds every device bit for bit equal', async () => {
    const out = join(folder, 'compare')
    const devices = onnxRuntime ? 'model:,sim:,onnx:cpu' : 'model:,sim:'
    const { code, stdout } = await gemgate(
      folder,
      ...['compare', '--devices', devices, '--frames', '5', '--json', '--out', out, ...small],
    )
    expect(code).toBe(0)
    const result = JSON.parse(stdout)
    expect(result.frames).toBe(5)
    expect(result.devices.map((device: { address: string }) => device.address)).toEqual(devices.split(','))
    for (const device of result.devices) {
      expect(device.framesPerSecond).toBeGreaterThan(0)
      expect(device.pixelsPerSecond).toBeCloseTo(device.framesPerSecond * 256 * 256, -2)
      expect(device.latencyMs.p99).toBeGreaterThanOrEqual(device.latencyMs.p50)
    }
    expect(result.agreement).toEqual({ differingBytes: 0, frames: 5, comparedTo: 'model:' })
    if (onnxRuntime) {
      expect(result.onnx.comparedClusters).toBeGreaterThan(0)
      expect(result.onnx.differingScores).toBe(0)
    }
    expect(result.physics.signalKept).toBeGreaterThan(0.8)
    expect(result.physics.falseRoisPerEmptyFrame).toBeLessThan(1)
    expect(result.physics.efficiencyVsKeV.length).toBeGreaterThan(0)
    expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))).toEqual(result)
    const report = readFileSync(join(out, 'report.html'), 'utf8')
    expect(report).toContain('data:image/png;base64,')
    expect(report).toContain('<svg')
  })
})

describe('gemgate doctor', () => {
  it('says that the main job works here', async () => {
    const { code, stdout } = await gemgate(folder, 'doctor', '--json')
    expect(code).toBe(0)
    const { ok, checks } = JSON.parse(stdout)
    expect(ok).toBe(true)
    for (const check of checks)
      expect(check).toMatchObject({ name: expect.any(String), remedy: expect.any(String) })
  })
})
