import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { buildHardware, type HardwareOptions } from '../../../src/network/compile.ts'
import { GraphBuilder } from '../../../src/network/graph/graph-builder.ts'
import type { IntegerGraph } from '../../../src/network/graph/integer-graph.ts'
import { allFiles } from '../../../src/network/hardware/library-files.ts'
import { testVectors } from '../../../src/network/plan/test-vectors.ts'
import { buildTestbench } from '../../../src/network/plan/testbench.ts'

const required = process.env['GEMGATE_REQUIRE_VERILATOR'] === '1'
const installed = (tool: string): boolean => spawnSync(tool, ['-V'], { stdio: 'ignore' }).error === undefined
const tools = [
  // The commands of docs/network.md.
  { tool: 'iverilog', command: 'iverilog -g2012 -o tb *.sv && ./tb' },
  { tool: 'verilator', command: 'verilator --binary --timing *.sv --top-module net_tb && ./obj_dir/Vnet_tb' },
]

/** 5 unsigned inputs of 3 bits, 3 outputs: no width is a whole number of bytes. */
function network(): IntegerGraph {
  const random = new Random(5)
  const builder = new GraphBuilder('odd')
  const x = builder.input({ name: 'x', bits: 3, signed: false, scales: [1], zeroPoint: 0 }, [5])
  const weights = Int32Array.from({ length: 15 }, () => random.integer(31) - 15)
  const dense = builder.add('dense', { kind: 'dense', source: x, weights, bias: Float64Array.of(7, -3, 0) })
  const round = { kind: 'round', shift: 2, rounding: 'half-even', min: -17, max: 31 } as const
  const value = builder.add('rounded', { kind: 'map', source: dense, functions: [round] })
  builder.output({ name: 'y', value, bits: 8, signed: true, scales: [1], zeroPoint: 0 })
  return builder.build()
}

const folder = mkdtempSync(join(tmpdir(), 'gemgate-bench-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function write(name: string, options: HardwareOptions, spoil = false): Promise<string> {
  const { graph, module } = await buildHardware(network(), { name: 'net', ...options })
  const path = mkdtempSync(join(folder, name))
  const vectors = testVectors(graph, 40)
  if (spoil) vectors[20]!.output[1]! ^= 1
  for (const [file, text] of [...(await allFiles(module)), ...buildTestbench(graph, module, vectors)])
    writeFileSync(join(path, file), text)
  return path
}

describe.each(tools)('the test bench in $tool', ({ tool, command }) => {
  const run = (cwd: string) => spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' })
  const absent = !required && !installed(tool)
  test.skipIf(absent).each([
    ['unrolled', { architecture: 'unrolled' }],
    ['reloadable', { architecture: 'folded', reloadable: true }],
  ] as const)(`passes: %s${absent ? ` (SKIPPED: ${tool} is not installed)` : ''}`, async (name, options) => {
    const { status, stdout, stderr } = run(await write(name, options))
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/PASS 40 beats/)
  })

  test.skipIf(absent)('fails on one wrong element, and away from its vectors', async () => {
    const path = await write('spoilt', { architecture: 'unrolled' }, true)
    const { status, stdout } = run(path)
    expect(status).not.toBe(0)
    expect(stdout).toMatch(/beat 20: .* expected/)
    const binary = tool === 'iverilog' ? 'tb' : 'obj_dir/Vnet_tb'
    const elsewhere = spawnSync(join(path, binary), { cwd: tmpdir(), encoding: 'utf8' })
    expect(elsewhere.status).not.toBe(0)
    expect(elsewhere.stdout).not.toMatch(/PASS/)
  })
})
