import { execFileSync, spawnSync } from 'node:child_process'
import { basename } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Dut } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { shippedClassifier } from '../../support/classifier.ts'
import { CoreDriver } from '../../support/core-driver.ts'
import { coreFiles, triggerFiles } from '../../support/hdl-files.ts'
import { expectedPackets, firstDifference, tally } from '../../support/packets.ts'
import { hasSharedData } from '../../support/shared-data.ts'
import { randomShot, type Shot } from '../../support/shots.ts'
import { simulateCore } from '../../support/simulations.ts'
import { buildCore, cutPackets, runNative, verilator } from './native-core.ts'
import { displayFrames, realClusters, syntheticShot } from './real-shots.ts'
import type { Pauses } from './stimulus.ts'

describe.skipIf(verilator.skip)(`the Verilog in native Verilator${verilator.note}`, () => {
  const classify = shippedClassifier()
  let program: string
  let dut: Dut
  beforeAll(async () => {
    program = buildCore()
    dut = await simulateCore()
  })

  /** One stimulus, three ways: native Verilator, the npm-only simulator, the specification. */
  function expectSameBytes(shots: readonly Shot[], pauses?: Pauses): ReturnType<typeof tally> {
    const expected = expectedPackets(shots, classify)
    const driver = new CoreDriver(dut)
    driver.pause(pauses)
    expect(firstDifference(shots, expected, driver.process(shots)), 'npm-only simulator').toBe('')
    const native = cutPackets(runNative(program, shots, pauses), expected)
    expect(firstDifference(shots, expected, native), 'native Verilator').toBe('')
    return tally(expected)
  }

  it.each([
    { input: 0, output: 0, seed: 2 },
    { input: 90, output: 0, seed: 3 },
    { input: 0, output: 230, seed: 4 },
    { input: 120, output: 120, seed: 5 },
  ])('gives the same bytes for 100 random frames, paused $input/$output of 256', (pauses) => {
    const random = new Random(pauses.seed)
    const shots = Array.from({ length: 100 }, (_, i) => randomShot(random, i, { columns: 40, rows: 24 }))
    const { cluster, tiles } = expectSameBytes(shots, pauses)
    expect(cluster).toBeGreaterThan(60)
    expect(tiles).toBeGreaterThan(50)
  })

  it('gives the same bytes for the longest rows and columns', () => {
    const random = new Random(6)
    const sizes = [
      [1024, 1, 4],
      [1, 1024, 4],
      [1024, 3, 2],
      [1024, 8, 1],
      [5, 1024, 1],
    ] as const
    const shots = sizes.map(([columns, rows, binning], i) =>
      randomShot(random, i, { columns, rows, binning, exact: true }),
    )
    expectSameBytes(shots)
  })

  it('gives the same bytes for a synthetic LIME frame of 2304 x 2304 with recoils, binned 4 x 4', () => {
    const shot = syntheticShot()
    expect(shot.pixels).toHaveLength(2304 * 2304)
    const { cluster, tiles } = expectSameBytes([shot])
    expect(cluster).toBeGreaterThanOrEqual(5)
    expect(tiles).toBe(12)
  })

  const absent = !hasSharedData
  const data = absent ? ' (SKIPPED: the real data is not here)' : ''
  it.skipIf(absent)(`gives the same bytes for real LEMON frames and DAQ frames${data}`, async () => {
    const shots = await displayFrames()
    expect(shots.length).toBeGreaterThanOrEqual(3)
    expect(expectSameBytes(shots).cluster).toBeGreaterThan(10)
  })

  it.skipIf(absent)(`gives the same bytes for real LIME clusters${data}`, async () => {
    const shots = await realClusters()
    expect(shots.length).toBeGreaterThanOrEqual(4)
    expect(expectSameBytes(shots).cluster).toBeGreaterThanOrEqual(shots.length)
  })
})

describe.skipIf(verilator.skip)(`verilator --lint-only -Wall${verilator.note}`, () => {
  const modules = coreFiles.map((file) => basename(file, '.sv'))

  it.each(modules)('has nothing to say about %s', (top) => {
    const run = spawnSync('verilator', ['--lint-only', '-Wall', '--top-module', top, ...coreFiles], {
      encoding: 'utf8',
    })
    expect(run.stderr).toBe('')
    expect(run.status).toBe(0)
  })

  it('has nothing to say about smaller builds', () => {
    for (const parameters of [['-GLABEL_BITS=3'], ['-GCOLUMN_BITS=8'], ['-GCOLUMN_BITS=6', '-GLABEL_BITS=4']])
      execFileSync(
        'verilator',
        ['--lint-only', '-Wall', ...parameters, '--top-module', 'gemgate_core', ...coreFiles],
        {
          stdio: 'pipe',
        },
      )
  })

  it('is asked without waivers', () => {
    const waived = spawnSync('grep', ['-l', 'lint_off', ...triggerFiles], { encoding: 'utf8' })
    expect(waived.stdout).toBe('')
  })
})
