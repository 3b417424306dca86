import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { graphicsMeter, processorMeter } from '../../src/device/energy-meter.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-energy-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Zones as Linux shows them on a client processor with two packages. */
const zones = {
  'package-0': 'intel-rapl:0',
  'package-1': 'intel-rapl:1',
  psys: 'intel-rapl:2',
  core: 'intel-rapl:0:0',
} as const

function counters(root: string, energies: Readonly<Partial<Record<keyof typeof zones, string>>>): void {
  for (const [name, energy] of Object.entries(energies)) {
    const zone = join(root, zones[name as keyof typeof zones])
    mkdirSync(zone, { recursive: true })
    writeFileSync(join(zone, 'name'), `${name}\n`)
    writeFileSync(join(zone, 'energy_uj'), `${energy}\n`)
    writeFileSync(join(zone, 'max_energy_range_uj'), '10000000\n')
  }
}

describe('processorMeter', () => {
  it('adds up packages, not their parts nor the platform, across the end of a counter', async () => {
    const root = join(folder, 'rapl')
    counters(root, { 'package-0': '9000000', 'package-1': '100', psys: '0', core: '7' })
    const { meter } = await processorMeter(root)
    expect(meter!.description).toContain('2 processor package(s)')
    const stop = await meter!.start()
    counters(root, { 'package-0': '500000', 'package-1': '250100', psys: '5000000', core: '9000000' })
    expect(await stop()).toBeCloseTo(1.5 + 0.25, 9)
  })

  it('says why there is none', async () => {
    expect(await processorMeter(join(folder, 'nowhere'))).toMatchObject({
      meter: null,
      reason: expect.stringContaining('no energy counters'),
    })
    const platform = join(folder, 'platform')
    counters(platform, { psys: '5' })
    expect(await processorMeter(platform)).toMatchObject({ meter: null })
    const root = join(folder, 'broken')
    counters(root, { 'package-0': 'secret' })
    expect(await processorMeter(root)).toMatchObject({
      meter: null,
      reason: expect.stringContaining('no number'),
    })
  })
})

describe.skipIf(process.platform === 'win32')('graphicsMeter', () => {
  const program = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${text}\n`)
    chmodSync(path, 0o755)
    return path
  }

  it('takes the mean power for the time of the work', async () => {
    const command = program(
      'smi',
      'case "$*" in *-lms*) while :; do echo 200.0; sleep 0.02; done;; *) echo 90;; esac',
    )
    const { meter } = await graphicsMeter(command)
    const begin = performance.now()
    const stop = await meter!.start()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const joules = await stop()
    expect(joules).toBeGreaterThanOrEqual(0.3 * 200 * 0.99)
    expect(joules).toBeLessThanOrEqual(((performance.now() - begin) / 1000) * 200)
  })

  it('says why there is none', async () => {
    expect(await graphicsMeter(join(folder, 'no-such-program'))).toMatchObject({
      meter: null,
      reason: expect.stringContaining('ENOENT'),
    })
    expect(await graphicsMeter(program('na', 'echo "[N/A]"'))).toMatchObject({
      meter: null,
      reason: expect.stringContaining('[N/A]'),
    })
    expect(await graphicsMeter(program('silent', 'exit 9'))).toMatchObject({ meter: null })
  })
})
