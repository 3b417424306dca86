import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import type { HardwareModule } from '../../../src/network/hardware/hardware-module.ts'
import { streamWidth } from '../../../src/network/hardware/hardware-module.ts'
import { buildUnrolled } from '../../../src/network/unrolled/index.ts'
import { icarus, verilator } from '../../hdl/native/native-core.ts'
import { runIcarus } from '../../support/icarus.ts'
import { functionSegment, randomInput, randomSegment } from './random-segment.ts'
import { expectedWords, packed } from './stream.ts'

const segments = [
  ...Array.from({ length: 20 }, (_, k) => ({ seed: k + 500, segment: randomSegment(new Random(k + 500)) })),
  ...[4, 9, 13].map((bits) => ({ seed: bits, segment: functionSegment(new Random(bits), bits, true, 16) })),
]

function moduleOf({ seed, segment }: (typeof segments)[number]): HardwareModule {
  return buildUnrolled(segment, { name: 'dut', levelsPerStage: 1 + (seed % 3) })
}

describe.skipIf(verilator.skip)(`verilator --lint-only -Wall${verilator.note}`, () => {
  it.each(segments)('is content with segment $seed', (one) => {
    const folder = mkdtempSync(join(tmpdir(), 'gemgate-lint-'))
    try {
      for (const [name, text] of moduleOf(one).files) writeFileSync(join(folder, name), text)
      const run = spawnSync('verilator', ['--lint-only', '-Wall', 'dut.sv'], {
        cwd: folder,
        encoding: 'utf8',
      })
      expect(run.stderr).toBe('')
      expect(run.status).toBe(0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe.skipIf(icarus.skip)(`Icarus Verilog${icarus.note}`, () => {
  it.each(segments)('gives the words of segment $seed, whatever stands on idle inputs', (one) => {
    const module = moduleOf(one)
    const random = new Random(one.seed)
    const inputs = Array.from({ length: 40 }, () => randomInput(one.segment, random))
    const hex = (word: bigint, bits: number): string => word.toString(16).padStart(Math.ceil(bits / 4), '0')
    const widths = [streamWidth(module.input), streamWidth(module.output)] as const
    const vectors = inputs.map((input) => hex(packed(input, module.input), widths[0]))
    const words = expectedWords(one.segment, module, inputs).map((word) => hex(word, widths[1]))
    for (const stall of [0, 100])
      expect(runIcarus(Object.fromEntries(module.files), 'dut', widths, vectors, stall).outputs).toEqual(
        words,
      )
  })
})
