import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DrawOptions, drawWaveform } from '../../../../sim/verilog/waveform/draw.ts'
import type { History } from '../../../../sim/verilog/waveform/history.ts'

interface Row {
  readonly name: string
  readonly width: number
  readonly values: readonly number[]
  readonly direction?: 'input' | 'output' | undefined
  readonly signed?: boolean
}

function history(rows: readonly Row[], firstCycle = 0): History {
  const signals = rows.map(({ name, width, direction, signed = false }, offset) => ({
    ...{ name, width, signed, direction, offset },
    scope: name.split('.').slice(0, -1),
    clock: name === 'clk' ? ('main' as const) : undefined,
  }))
  const moments = rows[0]!.values.map((_, i) => ({
    cycle: firstCycle + i,
    values: Int32Array.from(rows, ({ values }) => values[i]!),
  }))
  return { signals, moments }
}

const stream: readonly Row[] = [
  { name: 'clk', width: 1, direction: 'input', values: [0, 0, 0, 0, 0, 0] },
  { name: 'valid', width: 1, direction: 'input', values: [0, 1, 1, 0, 0, 1] },
  { name: 'ready', width: 1, direction: 'output', values: [1, 1, 1, 1, 1, 1] },
  { name: 'data', width: 16, direction: 'output', values: [0, 0xbeef, 0xbeef, 7, 8, 9] },
  { name: 'gain', width: 8, direction: 'input', values: [200, 200, 200, 200, 200, 200] },
  { name: 'unit.level', width: 8, signed: true, values: [1, 2, 3, 0xff, 0xff, 0xfe] },
]

const draw = (rows: readonly Row[], options?: DrawOptions) =>
  `\n${drawWaveform('dut', history(rows, 7), options)}\n`

describe('a waveform as text', () => {
  it('draws bits as lines and vectors in hex at their changes, and sums up what stands still', () => {
    expect(draw(stream)).toMatchInlineSnapshot(`
      "
      dut, cycles 7 to 12 (a column is what the clock edge at its end samples; vectors in hex)
        cycle       7   8   9   10  11  12
        valid       ▁▁▁▁▔▔▔▔▔▔▔▔▁▁▁▁▁▁▁▁▔▔▔▔
        data        ╶0──│beef───│7──│8──│9──
        unit.level  ╶1──│2──│3──│ff─────│fe─ = -2
        still:  ready=1 gain=0xc8
      "
    `)
  })

  it('marks what differs, first, and the edge at which an assertion failed', () => {
    const marked = new Map([['ready', '(expected 0)']])
    expect(draw(stream, { marked, event: { cycle: 10, text: 'assert full failed' } })).toMatchInlineSnapshot(`
      "
      dut, cycles 7 to 12 (a column is what the clock edge at its end samples; vectors in hex)
        cycle       7   8   9   10  11  12
                               ↓ assert full failed
      > ready       ▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔ (expected 0)
        valid       ▁▁▁▁▔▔▔▔▔▔▔▔▁▁▁▁▁▁▁▁▔▔▔▔
        data        ╶0──│beef───│7──│8──│9──
        unit.level  ╶1──│2──│3──│ff─────│fe─ = -2
        still:  gain=0xc8
      "
    `)
  })

  it('shows fewer cycles where values need the room, and only the end of values that are longer still', () => {
    const values = Array.from({ length: 16 }, (_, i) => 0x1234_0000 + i)
    const wide = { name: 'data', width: 32, direction: 'output' as const, values }
    expect(draw([wide], { width: 60 })).toMatchInlineSnapshot(`
      "
      dut, cycles 15 to 22 (a column is what the clock edge at its end samples; vectors in hex)
        cycle     15  16  17  18  19  20  21  22
        data      ╶…08│…09│…0a│…0b│…0c│…0d│…0e│…0f = 0x1234000f
      "
    `)
  })

  it('has one column where nothing was clocked', () => {
    expect(draw([{ name: 'y', width: 4, direction: 'output', values: [5] }])).toMatchInlineSnapshot(`
      "
      dut, cycle 7 (vectors in hex)
        cycle     7
        still:  y=5
      "
    `)
  })

  it('keeps to its width, aligns its rows, and shows the newest value of every row', () => {
    const row = fc.record({
      name: fc.stringMatching(/^[a-z]{1,12}(\.[a-z]{1,30}){0,2}$/),
      width: fc.integer({ min: 1, max: 32 }),
      values: fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 16, maxLength: 16 }),
      direction: fc.constantFrom('input' as const, 'output' as const, undefined),
    })
    const rows = fc.uniqueArray(row, { minLength: 1, maxLength: 40, selector: ({ name }) => name })
    fc.assert(
      fc.property(rows, fc.integer({ min: 60, max: 160 }), (found, width) => {
        const cut = found.map((r) => ({
          ...r,
          values: r.values.map((v) => Number(BigInt.asUintN(r.width, BigInt(v)))),
        }))
        const lines = drawWaveform('dut', history(cut, 123_456), { width }).split('\n').slice(1)
        for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(width)
        const drawn = lines.filter((line) => /[▁▔╶]/.test(line))
        expect(drawn.length).toBeLessThanOrEqual(20)
        expect(new Set(drawn.map((line) => line.search(/[▁▔╶]/))).size).toBeLessThanOrEqual(1)
        for (const line of drawn) {
          const found = cut.find(({ name }) => line.includes(` ${name} `))
          if (!found || found.width === 1) continue
          const digits = found.values.at(-1)!.toString(16)
          const last = /[│╶](…?)([0-9a-f]*)─*(?: |$)/.exec(
            line.slice(Math.max(line.lastIndexOf('│'), line.lastIndexOf('╶'))),
          )!
          if (last[1] === '') expect(last[2]).toBe(digits)
          else expect(digits.endsWith(last[2]!)).toBe(true)
        }
      }),
      { seed: 3, numRuns: 200 },
    )
  })
})
