import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
  { tool: 'iverilog', build: 'iverilog -g2012 -o tb *.sv', program: './tb' },
  {
    tool: 'verilator',
    build: 'verilator --binary --timing *.sv --top-module net_tb',
    program: './obj_dir/Vnet_tb',
  },
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

/** A folder with the module, its bench and 40 vectors. */
async function write(name: string, options: HardwareOptions): Promise<string> {
  const { graph, module } = await buildHardware(network(), { name: 'net', ...options })
  const path = mkdtempSync(join(folder, name))
  const vectors = testVectors(graph, 40)
  for (const [file, text] of [...(await allFiles(module)), ...buildTestbench(graph, module, vectors)])
    writeFileSync(join(path, file), text)
  return path
}

/** Flips the lowest bit of output 1 of beat 20: a line of the file is a beat of three outputs of 8 bits. */
function spoil(path: string): void {
  const file = join(path, 'net_outputs.hex')
  const beats = readFileSync(file, 'utf8').split('\n')
  beats[20] = (Number(`0x${beats[20]}`) ^ 0x100).toString(16).padStart(6, '0')
  writeFileSync(file, beats.join('\n'))
}

describe.each(tools)('the test bench in $tool', ({ tool, build, program }) => {
  const run = (cwd: string, command: string) => spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' })
  const absent = !required && !installed(tool)
  const folders = new Map<string, string>()
  test.skipIf(absent).each([
    ['unrolled', { architecture: 'unrolled' }],
    ['reloadable', { architecture: 'folded', reloadable: true }],
  ] as const)(`passes: %s${absent ? ` (SKIPPED: ${tool} is not installed)` : ''}`, async (name, options) => {
    const path = await write(name, options)
    const { status, stdout, stderr } = run(path, `${build} && ${program}`)
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/PASS 40 beats/)
    folders.set(name, path)
  })

  test.skipIf(absent)('fails on one wrong element, and away from its vectors', () => {
    const path = folders.get('unrolled')!
    spoil(path)
    const { status, stdout } = run(path, program)
    expect(status).not.toBe(0)
    expect(stdout).toMatch(/beat 20: .* expected/)
    const elsewhere = spawnSync(join(path, program), { cwd: tmpdir(), encoding: 'utf8' })
    expect(elsewhere.status).not.toBe(0)
    expect(elsewhere.stdout).not.toMatch(/PASS/)
  })
})
