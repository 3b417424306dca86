import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { readVcd, valueAt } from './read-vcd.ts'

const project = join(dirname(fileURLToPath(import.meta.url)), 'project')
const waves = '.cache/gemgate/waves'

/** Runs vitest on the project, whose tests fail on purpose. */
async function runProject(): Promise<string> {
  rmSync(join(project, waves), { recursive: true, force: true })
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^VITEST/.test(name)),
  )
  const child = spawn(process.execPath, [vitest, 'run'], {
    cwd: project,
    env: { ...environment, NO_COLOR: '1', CI: '1' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => {
      output += bytes
    })
  await new Promise((resolve) => child.on('close', resolve))
  return output
}

describe('a failed test', () => {
  let output: string
  /** What is printed for one test. */
  const reportOf = (name: string) =>
    output
      .split(/^ FAIL /m)
      .find((part) => part.includes(`> ${name}\n`))!
      .split('⎯⎯⎯⎯')[0]!

  beforeAll(async () => {
    output = await runProject()
  })

  it('prints the last cycles of its design under its own message, and where the VCD file is', () => {
    const report = reportOf('fails with a plain expectation')
    expect(report).toContain('expected 18 to be 19')
    expect(report).toMatch(/^counter, cycles 0 to 12/m)
    expect(report).toContain('high.value  ╶0──────────────────────────────────────│1──────────')
    const path = /every signal of cycles 0 to 12: (\S+\.vcd)/.exec(report)![1]!
    const { signals } = readVcd(readFileSync(join(project, path), 'utf8'))
    expect(valueAt(signals.get('counter.low.full')!, 95)).toBe(1n)
    expect(valueAt(signals.get('counter.decimal')!, 120)).toBe(0x12n)
  })

  it('of a matcher says what differs, and marks it; the waveform is there once', () => {
    const report = reportOf('fails with a matcher')
    expect(report).toContain('decimal  expected 0x42 (66), received 0x20 (32)')
    expect(report).not.toContain('full  expected')
    expect(report).toMatch(/^> decimal .*│20─ = 32 \(expected 0x42\)$/m)
    expect(report.match(/counter, cycles/g)).toHaveLength(1)
    expect(report).toContain(`: ${waves}/`)
  })

  it('that waited in vain says so', () => {
    const report = reportOf('never gets there')
    expect(report).toContain('expected counter to reach these outputs within 30 cycles, in cycle 30:')
  })

  it('by an assertion shows the edge at which it failed, and the wires that it is about', () => {
    const report = reportOf('breaks an assertion')
    expect(report).toMatch(/assert no_overflow failed in cycle 86 .*adder\.sv:16/)
    expect(report).toMatch(/^ +(↓ assert no_overflow failed|assert no_overflow failed ↓)$/m)
    expect(report).toMatch(/^ {2}next .*│102─│5/m)
  })

  it('of a stream shows the first wrong item and its cycle', () => {
    const report = reportOf('streams something else')
    expect(report).toContain('item 2 of the stream differs, 1 of 5 in all:')
    expect(report).toContain('> m_data[2]  expected 9, received 8')
    expect(report).toMatch(/^ +↓ item 2$/m)
    expect(report).toMatch(/^> m_data .*│7─+│8─+│9/m)
  })

  it('says nothing of designs that it did not use', () => {
    expect(reportOf('has no design')).not.toContain('counter, cycle')
    expect(output).toContain('6 failed | 1 passed')
  })
})
